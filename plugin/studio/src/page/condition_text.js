// Reads the small part of FEEL that conditions of forms use: names, texts, numbers, true, false, null, =, !=, and, or,
// not(…), brackets. Gives a function of a look-up, or null if the text holds anything else. No eval (CSP).

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?)|([\p{L}_][\p{L}\p{N}_]*)|(!=|=|\(|\)))/uy;
const CONSTANTS = { true: true, false: false, null: null };

export function readCondition(text) {
  if (!text) return null;
  try {
    const reader = { tokens: split(text.replace(/^=/, '')), at: 0 };
    const condition = either(reader);
    return reader.at === reader.tokens.length ? condition : null;
  } catch {
    return null;
  }
}

function split(text) {
  const tokens = [];
  const source = text.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const found = TOKEN.exec(source);
    if (!found) throw new SyntaxError(source);
    const [, string, number, name, sign] = found;
    if (string) tokens.push({ constant: JSON.parse(string) });
    else if (number) tokens.push({ constant: number });
    else if (name in CONSTANTS) tokens.push({ constant: CONSTANTS[name] });
    else tokens.push(name ? { name } : { sign });
  }
  return tokens;
}

function take(reader, kind, value) {
  if (reader.tokens[reader.at]?.[kind] !== value) return false;
  reader.at += 1;
  return true;
}

function either(reader) {
  let left = both(reader);
  while (take(reader, 'name', 'or')) {
    const [one, other] = [left, both(reader)];
    left = (look) => one(look) === true || other(look) === true;
  }
  return left;
}

function both(reader) {
  let left = compared(reader);
  while (take(reader, 'name', 'and')) {
    const [one, other] = [left, compared(reader)];
    left = (look) => one(look) === true && other(look) === true;
  }
  return left;
}

function compared(reader) {
  const left = operand(reader);
  const differ = take(reader, 'sign', '!=');
  if (!differ && !take(reader, 'sign', '=')) return left;
  const right = operand(reader);
  return (look) => (left(look) === right(look)) !== differ;
}

function operand(reader) {
  if (take(reader, 'name', 'not')) {
    const inside = bracketed(reader);
    return (look) => inside(look) !== true;
  }
  if (reader.tokens[reader.at]?.sign === '(') return bracketed(reader);
  const token = reader.tokens[reader.at];
  reader.at += 1;
  if ('constant' in token) return () => token.constant;
  if (token.name) return (look) => look(token.name);
  throw new SyntaxError(token.sign);
}

function bracketed(reader) {
  if (!take(reader, 'sign', '(')) throw new SyntaxError('(');
  const inside = either(reader);
  if (!take(reader, 'sign', ')')) throw new SyntaxError(')');
  return inside;
}
