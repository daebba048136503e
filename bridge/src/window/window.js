// The consent window. Text only ever goes in as textContent.
"use strict";

const OPERATIONS = {
  "key.initialize": "初始化 UKey：设置初始密码、解锁码和管理密钥",
  "keypair.generate": "在 UKey 上产生新的密钥对，并签署证书请求",
  "certificate.import": "把签发的证书写入 UKey",
  "pin.verify": "验证 UKey 密码",
  "pin.change": "修改 UKey 密码",
  "challenge.sign": "用 UKey 签名，向网站证明您的身份",
  "selftest.run": "加解密测试：检查 UKey 上的密钥能否使用",
};
const WORKING = {
  "key.initialize": "正在初始化 UKey…",
  "keypair.generate": "正在产生密钥对…",
  "certificate.import": "正在写入证书…",
  "pin.verify": "正在验证密码…",
  "pin.change": "正在修改密码…",
  "challenge.sign": "正在签名…",
  "selftest.run": "正在测试…",
};
const FAILURES = {
  user_cancelled: "操作已取消。",
  key_removed: "UKey 已被拔出。请重新插入原来的 UKey，回到网页从订单继续。",
  timeout: "等待时间过长，操作已结束。请回到网页重新操作。",
  busy: "UKey 正被另一项操作使用，请稍后再试。",
  no_key: "没有找到所需的 UKey。请插入后回到网页重新操作。",
  no_reader: "没有找到读卡器或 UKey。请插入后回到网页重新操作。",
  several_keys: "插入了多个 UKey。请只保留一个后重新操作。",
  key_not_blank: "此 UKey 上已有证书，请换用空白的 UKey。",
  pin_blocked: "UKey 已被锁定：密码输错的次数已满。请回到网页办理解锁。",
  not_found: "UKey 上没有所需的证书。请换用存有证书的 UKey，或拨打受理点电话。",
  key_failed: "UKey 没有完成操作。请拔出后重新插入，再回到网页重试。",
  secrets_rejected: "此 UKey 不是由本系统初始化的，无法写入。请换用空白的 UKey。",
};

const at = (id) => document.getElementById(id);
const show = (id) => {
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== id;
};

const socket = new WebSocket(location.origin.replace("http", "ws") + location.pathname + "/socket");
let over = false;

function end(text) {
  over = true;
  forget();
  at("outcome").textContent = text;
  show("ended");
}

function say(message) {
  socket.send(JSON.stringify(message));
}

const SECRETS = ["pin", "new-pin", "again"].map(at);
let question = null;

function forget() {
  for (const input of SECRETS) input.value = "";
}

function problem(text, input) {
  at("problem").textContent = text;
  at("problem").hidden = !text;
  if (text && input) input.focus();
}

function rule({ min, max, digitsOnly }) {
  return (min === max ? min : min + "–" + max) + (digitsOnly ? " 位数字" : " 个字符");
}

// What the key would refuse anyway is not sent.
function refused() {
  const { policy, change } = question;
  const fits = (text) => text.length >= policy.min && text.length <= policy.max
    && (policy.digitsOnly ? /^[0-9]+$/ : /^[!-~]+$/).test(text);
  const [pin, fresh, again] = SECRETS;
  if (!fits(pin.value)) return ["请输入 UKey 密码：" + rule(policy) + "。", pin];
  if (change && !fits(fresh.value)) return ["新密码应为 " + rule(policy) + "。", fresh];
  if (change && fresh.value === pin.value) return ["新密码与原密码相同，请换一个。", fresh];
  if (change && fresh.value !== again.value) return ["两次输入的新密码不一致，请重新输入。", again];
  if (question.triesLeft === 1 && !at("last-try").checked) {
    return ["这是最后一次机会。请先勾选下面的说明，再继续。", at("last-try")];
  }
  return null;
}

const PROBLEMS = {
  wrong: () => "密码不正确" + (question.triesLeft ? "，还可以再试 " + question.triesLeft + " 次。" : "。"),
  policy: () => "请输入 UKey 密码：" + rule(question.policy) + "。",
  new_policy: () => "新密码应为 " + rule(question.policy) + "。",
  same: () => "新密码与原密码相同，请换一个。",
  last_try: () => "只剩最后一次机会。请勾选说明后再输入密码。",
};

function askPin(pin) {
  question = pin;
  at("secret").hidden = !pin;
  forget();
  if (!pin) return;
  at("fresh").hidden = !pin.change;
  at("pin-label").textContent = pin.change ? "原密码" : "UKey 密码";
  at("rule").textContent = "密码为 " + rule(pin.policy) + "，只在此窗口输入，不会传给网页。"
    + (pin.triesLeft ? "还可以试 " + pin.triesLeft + " 次。" : "");
  for (const input of SECRETS) {
    input.maxLength = pin.policy.max;
    input.inputMode = pin.policy.digitsOnly ? "numeric" : "text";
  }
  at("last").hidden = pin.triesLeft !== 1;
  at("last-try").checked = false;
  problem(pin.problem ? PROBLEMS[pin.problem]() : "");
}

// The pad types into the input that had the focus last.
let target = SECRETS[0];
for (const input of SECRETS) input.addEventListener("focus", () => { target = input; });
function padKey(label, words, act) {
  const key = document.createElement("button");
  key.type = "button";
  key.textContent = label;
  if (words) key.setAttribute("aria-label", words);
  key.addEventListener("click", (event) => { if (event.isTrusted) act(); });
  return key;
}
at("pad").replaceChildren(
  ...["1", "2", "3", "4", "5", "6", "7", "8", "9"].map((digit) => padKey(digit, "", () => type(digit))),
  padKey("清空", "", () => { target.value = ""; }),
  padKey("0", "", () => type("0")),
  padKey("⌫", "删除一位", () => { target.value = target.value.slice(0, -1); }),
);
function type(digit) {
  if (target.value.length < question.policy.max) target.value += digit;
}

function ask(consent) {
  for (const name of ["phrase", "site", "origin", "channel", "order", "holder", "reader"]) {
    at(name).textContent = consent[name];
  }
  at("holder").hidden = at("holder-label").hidden = !consent.holder;
  at("order").hidden = at("order-label").hidden = !consent.order;
  at("serial").textContent = consent.serial || "（新 UKey，尚无编号）";
  at("operations").replaceChildren(
    ...consent.operations.map((method) => {
      const item = document.createElement("li");
      item.textContent = OPERATIONS[method] || method;
      return item;
    }),
  );
  askPin(consent.pin);
  if (!consent.pin && consent.certificates.length > 0) {
    at("overwrites").textContent = "此 UKey 上已有证书，将被替换：" + consent.certificates.join("；");
    at("overwrites").hidden = false;
  }
  show("consent");
  at("cancel").disabled = false;
  (consent.pin ? SECRETS[0] : at("cancel")).focus({ preventScroll: !consent.pin });
  // A click meant for something else must not land on 同意 the moment it appears.
  setTimeout(() => { at("agree").disabled = false; }, 600);
}

function agree(event) {
  if (!event.isTrusted || at("agree").disabled) return;
  const wrong = question && refused();
  if (wrong) return problem(...wrong);
  at("agree").disabled = at("cancel").disabled = true;
  const [pin, fresh] = SECRETS;
  if (!question) {
    say({ type: "agree" });
  } else {
    const lastTry = at("last-try").checked;
    say({ type: "agree", pin: pin.value, newPin: question.change ? fresh.value : "", lastTry });
  }
  forget();
  at("stage").textContent = "正在处理…";
  show("working");
}
at("agree").addEventListener("click", agree);
at("secret").addEventListener("submit", (event) => {
  event.preventDefault();
  agree(event);
});

at("cancel").addEventListener("click", (event) => {
  if (!event.isTrusted) return;
  forget();
  say({ type: "cancel" });
  end(FAILURES.user_cancelled);
  window.close();
});

socket.addEventListener("message", (event) => {
  const message = JSON.parse(event.data);
  switch (message.type) {
    case "consent": ask(message); break;
    case "working":
      at("stage").textContent = WORKING[message.method] || "正在处理…";
      show("working");
      break;
    case "done":
      end("操作已完成，可以关闭此窗口。");
      setTimeout(() => window.close(), 1500);
      break;
    case "failed":
      end((FAILURES[message.code] || "操作没有完成（" + message.code + "）。请回到网页查看。"));
      break;
  }
});

socket.addEventListener("close", () => {
  if (!over) end("与网页的连接已结束，可以关闭此窗口。");
});
