import { z } from "zod";

/** `datalab:identity.smtp` */
export const mailSettings = z
  .strictObject({
    host: z
      .string()
      .max(253, "must be at most 253 characters")
      .regex(/^[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?$/, "must be a host name or an IPv4 address")
      .describe("Host of the mail server."),
    port: z.int().min(1).max(65535).default(587).describe("Its port for programs that hand mail in."),
    encryption: z
      .enum(["starttls", "tls", "none"])
      .default("starttls")
      .describe(
        "`starttls`: begins in clear and changes over, usual on 587; `tls`: from the first byte, usual on 465.",
      ),
    from: z.email("must be a mail address").describe("Address that mails come from."),
    user: z
      .string()
      .min(1, "must not be empty")
      .max(320, "must be at most 320 characters")
      .optional()
      .describe("Name to log in with; no login when absent."),
    password: z
      .string()
      .min(1, "must not be empty")
      .optional()
      .describe("Password of `user`, as a secret of the stack file."),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    path: ["password"],
    message: "goes with `user`: give both or neither",
  })
  .refine(({ encryption, password }) => encryption !== "none" || password === undefined, {
    path: ["encryption"],
    message: "is none, and would carry the password through the network in clear",
  });

export type MailSettings = z.infer<typeof mailSettings>;
