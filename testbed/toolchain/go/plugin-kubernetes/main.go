// Command pulumi-resource-kubernetes is Pulumi's Kubernetes provider, served from the module that the Go registry holds.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

// The schema is 10 MB of the provider's own module: it is copied beside this file for the build.
//
//go:embed schema.json
var schema []byte

func main() {
	provider.Serve("kubernetes", version.Version, schema, []byte("{}"))
}
