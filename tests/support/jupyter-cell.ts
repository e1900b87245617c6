/** Runs a cell as JupyterLab does: a kernel by the REST API, and its messages over a WebSocket. */
import { randomUUID } from "node:crypto";

interface Message {
  readonly parent_header: { readonly msg_id?: string };
  readonly msg_type: string;
  readonly content: { readonly text?: string; readonly execution_state?: string };
}

/** What the cell prints. @param address of the server, without a slash at the end */
export async function runCell(address: string, token: string, code: string): Promise<string> {
  const authorization = { Authorization: `token ${token}` };
  const started = await fetch(`${address}/api/kernels`, { method: "POST", headers: authorization });
  const { id } = (await started.json()) as { id: string };
  const socket = new WebSocket(`${address.replace("http", "ws")}/api/kernels/${id}/channels?token=${token}`);
  const cell = randomUUID();
  let printed = "";
  await new Promise<void>((resolve, reject) => {
    socket.onerror = () => {
      reject(new Error("no connection to the kernel"));
    };
    socket.onopen = () => {
      const header = { msg_id: cell, msg_type: "execute_request", username: "", session: randomUUID(), version: "5.3" };
      const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false };
      socket.send(JSON.stringify({ header, parent_header: {}, metadata: {}, content, channel: "shell" }));
    };
    socket.onmessage = ({ data }) => {
      const { parent_header: parent, msg_type: type, content } = JSON.parse(String(data)) as Message;
      if (parent.msg_id !== cell) return;
      if (type === "stream") printed += content.text ?? "";
      if (type === "status" && content.execution_state === "idle") resolve();
    };
  });
  socket.close();
  return printed;
}
