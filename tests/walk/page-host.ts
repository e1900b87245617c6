/** Host of a service's page, in the form that the platform admits: namespace, a number, a word. */
export function pageHost(namespace: string, name: string, servicesDomain: string): string {
  return `${namespace}-1-${name}.${servicesDomain}`;
}
