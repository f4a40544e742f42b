// What people are asked about versions of the diagram.
import { make } from '../page/dom.js';
import { ask } from '../page/dialogs.js';

/** Somebody saved first: 'mine', 'theirs' or `null` (later). */
export function aboutConflict(body) {
  const { by, at } = body.theirs;
  const when = at ? `于 ${moment(at)} ` : '';
  return ask({
    title: '这张图已被别人修改',
    body: [
      make('p', {}, `您打开之后，${by || '另一位管理员'}${when}保存了新的内容。您的修改没有覆盖它，也没有丢失：已自动保存。`),
      make('p', { class: 'mb-0' }, '请先看两份的差别，再决定用哪一份。被替换的一份仍在修改记录里。'),
    ],
    buttons: [
      ...(body.compare ? [{ label: '查看两份的差别', href: body.compare }] : []),
      { value: 'mine', label: '用我的覆盖' },
      { value: 'theirs', label: '改用对方的' },
      { value: null, label: '先不处理', primary: true },
    ],
  });
}

/** An unsaved version of one's own was found: 'restore' or 'drop'. The next change would replace it, so one must choose. */
export function aboutAutosave({ at, stale }) {
  const warning = '注意：在那之后图已被保存过，恢复后保存会要求您选择用哪一份。';
  return ask({
    title: '有一份没有保存的修改',
    must: true,
    body: [
      make('p', { class: stale ? '' : 'mb-0' }, `您在 ${moment(at)} 离开时有修改没有保存，系统替您留着。要接着改吗？`),
      stale && make('p', { class: 'mb-0' }, warning),
    ].filter(Boolean),
    buttons: [
      { value: 'restore', label: '恢复这份修改', primary: true },
      { value: 'drop', label: '放弃，从已保存的开始' },
    ],
  });
}

/** An imported file replaces the whole diagram. */
export function aboutImport(name) {
  return ask({
    title: '导入文件',
    body: [make('p', { class: 'mb-0' }, `“${name}”将替换画布上的整张图。保存之前，草稿里的图不变：刷新页面即回到已保存的样子。`)],
    buttons: [
      { value: 'import', label: '替换', primary: true },
      { value: null, label: '不导入' },
    ],
  });
}

export function moment(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return new Intl.DateTimeFormat('zh-CN', {
    year: 'numeric', month: 'long', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false, timeZone: 'Asia/Shanghai',
  }).format(date);
}
