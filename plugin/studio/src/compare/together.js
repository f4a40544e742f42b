// Moving and zooming one picture moves the other, as long as the box is ticked.

/** Return the pair of viewers with `apart(act)`: what `act` does to one picture leaves the other alone. */
export function moveTogether(viewers, box) {
  let following = false;
  for (const [index, viewer] of viewers.entries()) {
    const other = viewers[1 - index];
    viewer.on('canvas.viewbox.changed', ({ viewbox }) => {
      if (following || !box?.checked) return;
      following = true;
      const { width, height } = other.get('canvas').viewbox().outer;
      // the same middle and scale, although the two may be of different size
      other.get('canvas').viewbox({
        x: viewbox.x + viewbox.width / 2 - width / viewbox.scale / 2,
        y: viewbox.y + viewbox.height / 2 - height / viewbox.scale / 2,
        width: width / viewbox.scale,
        height: height / viewbox.scale,
      });
      following = false;
    });
  }
  const apart = (act) => {
    following = true;
    try {
      act();
    } finally {
      following = false;
    }
  };
  return { viewers, apart };
}
