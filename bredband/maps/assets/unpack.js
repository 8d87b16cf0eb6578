// The other half of payload.py: base64 → gzip → columns of whole numbers.

async function unpack(text) {
  const packed = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const headerEnd = 4 + new DataView(bytes.buffer).getUint32(0, true);
  const { meta, layout } = JSON.parse(new TextDecoder().decode(bytes.subarray(4, headerEnd)));
  const tables = {};
  let at = headerEnd;
  for (const [table, columns] of Object.entries(layout)) {
    tables[table] = {};
    for (const [name, [count, width, isDelta]] of Object.entries(columns)) {
      tables[table][name] = column(bytes.subarray(at, at + count * width), count, width, isDelta);
      at += count * width;
    }
  }
  return { meta, tables };
}

// Byte planes, lowest first; a delta is zigzag: 0, −1, 1, −2 … are 0, 1, 2, 3 …
function column(bytes, count, width, isDelta) {
  const values = isDelta ? new Int32Array(count) : new Uint32Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    let value = bytes[i];
    if (width > 1) value |= bytes[count + i] << 8;
    if (width > 2) value |= (bytes[2 * count + i] << 16) | (bytes[3 * count + i] << 24);
    values[i] = isDelta ? (sum += (value >>> 1) ^ -(value & 1)) : value;
  }
  return values;
}
