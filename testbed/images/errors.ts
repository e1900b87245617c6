/** A failure that the user can cure: its message is printed without a stack trace. */
export class ImageError extends Error {
  override readonly name = "ImageError";
}
