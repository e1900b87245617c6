/** Fixed names of the basic Jupyter. */

/** Its pod and its Service. */
export const jupyterName = "jupyter";
