import { expect, onTestFinished, test, vi } from 'vitest';
import { createWorkspace } from '#shared/domain/image/workspace.ts';

test('views stay valid when the memory grows', () => {
  const workspace = createWorkspace();
  const small = workspace.floats(1000).fill(7);
  const large = workspace.floats(5_000_000).fill(1);
  expect(small[999]).toBe(7);
  expect(large[4_999_999]).toBe(1);
});

test('hands out again what was released, joined with its neighbours', () => {
  const workspace = createWorkspace();
  const views = [1, 2, 3].map(() => workspace.floats(100_000));
  const size = workspace.memory.buffer.byteLength;
  workspace.release(views[0], views[2], views[1]);
  expect(workspace.floats(300_000).byteOffset).toBe(views[0].byteOffset);
  expect(workspace.memory.buffer.byteLength).toBe(size);
});

test('views do not overlap and are aligned to 64 bytes', () => {
  const workspace = createWorkspace();
  const views = [workspace.words(3), workspace.bytes(1), workspace.doubles(5), workspace.integers(7)];
  views.forEach((view, k) => {
    expect(view.byteOffset % 64).toBe(0);
    if (k > 0)
      expect(view.byteOffset).toBeGreaterThanOrEqual(views[k - 1].byteOffset + views[k - 1].byteLength);
  });
});

test('refuses to release what it did not hand out', () => {
  const workspace = createWorkspace();
  const view = workspace.floats(100);
  expect(() => workspace.release(view.subarray(50))).toThrow('Nothing in the workspace starts');
});

test('takes everything back but the threads\u2019 own scratch', () => {
  const workspace = createWorkspace();
  const first = workspace.floats(100_000);
  workspace.words(7);
  workspace.clear();
  expect(workspace.floats(100_000).byteOffset).toBe(first.byteOffset);
});

test('says what is missing where WebAssembly has no SIMD or shared memory', () => {
  const validate = vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
  onTestFinished(() => validate.mockRestore());
  expect(() => createWorkspace()).toThrow(/does not run WebAssembly with 128-bit SIMD .* Use Node 24/);
});
