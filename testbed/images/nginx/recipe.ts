import { addition, base } from "../base.ts";
import { filesLayer } from "../files.ts";
import { type ImageRecipe, searchPath } from "../recipe.ts";

/** As upstream's: a user without rights, port 8080, and nothing that has to be written outside `/tmp`. */
const configuration = `worker_processes auto;
pid /tmp/nginx.pid;
error_log /dev/stderr notice;
events {}
http {
  access_log /dev/stdout;
  client_body_temp_path /tmp/client_temp;
  proxy_temp_path /tmp/proxy_temp;
  fastcgi_temp_path /tmp/fastcgi_temp;
  uwsgi_temp_path /tmp/uwsgi_temp;
  scgi_temp_path /tmp/scgi_temp;
  include /etc/nginx/mime.types;
  server {
    listen 8080;
    location / {
      root /usr/share/nginx/html;
      index index.html;
    }
  }
}
`;

/** Debian's nginx in the place of Alpine's. @see https://github.com/nginx/docker-nginx-unprivileged */
export async function nginxImage(): Promise<ImageRecipe> {
  return {
    layers: [
      base,
      addition("nginx-debian", ["nginx"]),
      await filesLayer("nginx", { "/etc/nginx/nginx.conf": { kind: "text", text: configuration } }),
    ],
    config: {
      User: "101:101",
      Env: [`PATH=${searchPath}`],
      Cmd: ["nginx", "-g", "daemon off;"],
      ExposedPorts: { "8080/tcp": {} },
      StopSignal: "SIGQUIT",
    },
  };
}
