/* 证书大厅 in a page of a partner:
     <script src="https://hall.example/embed.js" data-channel="nanning" async></script>
   Optional: data-page="new" (the screen that opens first), data-title (the frame's name for screen readers),
   data-target="#id" (where the frame is put; without it, where the script stands). */
(() => {
  'use strict';
  const script = document.currentScript;
  const channel = script && script.dataset.channel || '';
  const page = script && script.dataset.page || '';
  if (!/^[a-z0-9-]{2,32}$/.test(channel) || !/^[a-z0-9/-]*$/.test(page)) {
    console.error('embed.js: data-channel names a hall, data-page one of its screens');
    return;
  }
  const hall = new URL(script.src).origin;
  const frame = document.createElement('iframe');
  frame.title = script.dataset.title || '数字证书服务大厅';
  // The key's bridge listens on the visitor's own computer: without this the browser does not let the hall ask for it.
  frame.allow = 'loopback-network; local-network; local-network-access; clipboard-write';
  // The hall learns which site frames it, not which page.
  frame.referrerPolicy = 'origin';
  frame.style.cssText = 'display:block;width:100%;height:640px;border:0;color-scheme:light';
  frame.src = `${hall}/${channel}/embed/${page}`;

  const say = (what, data) => frame.contentWindow &&
    frame.contentWindow.postMessage({ certhall: what, ...data }, hall);

  // Which part of the frame can be seen: the hall opens its dialogs there.
  let waiting = false;
  const view = () => {
    waiting = false;
    const { top, bottom } = frame.getBoundingClientRect();
    const from = Math.max(0, -top);
    say('view', { top: from, height: Math.max(160, Math.min(bottom, innerHeight) - Math.max(0, top)) });
  };
  const look = () => {
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(view);
    }
  };

  let notice;
  const explain = () => {
    if (notice || !frame.isConnected) return;
    notice = document.createElement('p');
    notice.setAttribute('role', 'alert');
    notice.append(`办事大厅没有显示出来：可能是网络不通，或者本网站（${location.origin}）尚未获准嵌入。请`);
    const link = document.createElement('a');
    link.href = `${hall}/${channel}/${page}`;
    link.target = '_blank';
    link.rel = 'noopener';
    link.textContent = '在新窗口中打开办事大厅';
    notice.append(link, '。');
    frame.after(notice);
    frame.style.height = '160px';
  };
  let patience;
  let alive = false;

  addEventListener('message', (event) => {
    // Only this frame, and only while the hall is in it.
    if (event.source !== frame.contentWindow || event.origin !== hall) return;
    const said = event.data;
    if (!said || typeof said !== 'object') return;
    const { top } = frame.getBoundingClientRect();
    switch (said.certhall) {
      case 'ready':
        alive = true;
        clearTimeout(patience);
        if (notice) notice.remove();
        notice = undefined;
        view();
        break;
      case 'height':
        if (Number.isFinite(said.height)) {
          frame.style.height = `${Math.min(Math.max(Math.ceil(said.height), 160), 30000)}px`;
          look();
        }
        break;
      case 'top':
        if (top < 0) scrollBy(0, top);
        break;
      case 'show':
        if (Number.isFinite(said.top) && Number.isFinite(said.bottom)) {
          if (top + said.top < 0) scrollBy(0, top + said.top - 16);
          else if (top + said.bottom > innerHeight) scrollBy(0, top + said.bottom - innerHeight + 16);
        }
        break;
    }
  });
  addEventListener('scroll', look, { passive: true });
  addEventListener('resize', look, { passive: true });
  frame.addEventListener('load', () => {
    // The program in the frame says so once it runs; over a slow line that takes a while.
    clearTimeout(patience);
    if (!alive) patience = setTimeout(explain, 15000);
  });

  const target = script.dataset.target && document.querySelector(script.dataset.target);
  if (target) target.append(frame);
  else script.after(frame);
})();
