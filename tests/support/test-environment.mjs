/**
 * Node, for every test file. Pulumi's SDK writes down a stack trace for every promise and every resource, and jest maps
 * each line of them to its source: three quarters of the time that the graph of a platform takes, for what nobody reads.
 */
import { TestEnvironment } from "jest-environment-node";

const writers = /(^|\.)(debuggablePromise|callsites)$/;

export default class extends TestEnvironment {
  async setup() {
    await super.setup();
    // Jest's own, which maps; it stands in the realm around that of the tests.
    const mapped = Error.prepareStackTrace;
    this.global.Error.prepareStackTrace = (error, frames) => {
      const [writer] = frames;
      const ofTheSdk = writer?.getFileName()?.includes("/@pulumi/pulumi/") === true;
      return ofTheSdk && writers.test(writer.getFunctionName() ?? "") ? String(error) : mapped(error, frames);
    };
  }
}
