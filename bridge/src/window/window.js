// The consent window. Text only ever goes in as textContent.
"use strict";

const OPERATIONS = {
  "key.initialize": "初始化 UKey：设置初始密码、解锁码和管理密钥",
  "keypair.generate": "在 UKey 上产生新的密钥对，并签署证书请求",
  "certificate.import": "把签发的证书写入 UKey",
};
const WORKING = {
  "key.initialize": "正在初始化 UKey…",
  "keypair.generate": "正在产生密钥对…",
  "certificate.import": "正在写入证书…",
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
  at("outcome").textContent = text;
  show("ended");
}

function say(type) {
  socket.send(JSON.stringify({ type }));
}

function ask(consent) {
  for (const name of ["phrase", "site", "origin", "channel", "order", "holder", "reader"]) {
    at(name).textContent = consent[name];
  }
  at("holder").hidden = at("holder-label").hidden = !consent.holder;
  at("serial").textContent = consent.serial || "（新 UKey，尚无编号）";
  at("operations").replaceChildren(
    ...consent.operations.map((method) => {
      const item = document.createElement("li");
      item.textContent = OPERATIONS[method] || method;
      return item;
    }),
  );
  if (consent.certificates.length > 0) {
    at("overwrites").textContent = "此 UKey 上已有证书，将被替换：" + consent.certificates.join("；");
    at("overwrites").hidden = false;
  }
  show("consent");
  at("cancel").focus({ preventScroll: true });
  // A click meant for something else must not land on 同意 the moment it appears.
  setTimeout(() => { at("agree").disabled = false; }, 600);
}

at("agree").addEventListener("click", (event) => {
  if (!event.isTrusted || at("agree").disabled) return;
  at("agree").disabled = at("cancel").disabled = true;
  say("agree");
  at("stage").textContent = "正在处理…";
  show("working");
});

at("cancel").addEventListener("click", (event) => {
  if (!event.isTrusted) return;
  say("cancel");
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
