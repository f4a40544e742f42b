// The width of the panel: dragged, or with the arrow keys on the separator; kept in this browser.
const KEY = 'zuozhen.panel-width';
const [LEAST, MOST, STEP] = [280, 640, 20];

export function makeSplitter(bar, layout) {
  const set = (width) => {
    const value = Math.round(Math.max(LEAST, Math.min(MOST, width)));
    layout.style.setProperty('--zz-panel-width', `${value}px`);
    bar.setAttribute('aria-valuenow', String(value));
    try {
      localStorage.setItem(KEY, String(value));
    } catch {
      // the width is then forgotten
    }
  };
  bar.setAttribute('aria-valuemin', String(LEAST));
  bar.setAttribute('aria-valuemax', String(MOST));
  set(remembered());
  bar.addEventListener('pointerdown', (down) => {
    bar.setPointerCapture(down.pointerId);
    const move = (event) => set(layout.getBoundingClientRect().right - event.clientX);
    bar.addEventListener('pointermove', move);
    bar.addEventListener('pointerup', () => bar.removeEventListener('pointermove', move), { once: true });
  });
  bar.addEventListener('keydown', (event) => {
    const change = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
    if (change) set(Number(bar.getAttribute('aria-valuenow')) + change);
  });
}

function remembered() {
  try {
    return Number(localStorage.getItem(KEY)) || 340;
  } catch {
    return 340;
  }
}
