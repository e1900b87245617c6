// Package bridge serves a Terraform provider as a Pulumi plugin.
package bridge

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// Main serves the provider until the engine is done. Resources and functions map Terraform's names to Pulumi's.
func Main(name, version string, provider provider.Provider, resources, functions map[string]string) {
	info := tfbridge.ProviderInfo{
		P:            pf.ShimProvider(provider),
		Name:         name,
		Version:      version,
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
		Resources:    map[string]*tfbridge.ResourceInfo{},
		DataSources:  map[string]*tfbridge.DataSourceInfo{},
	}
	for terraform, pulumi := range resources {
		info.Resources[terraform] = &tfbridge.ResourceInfo{Tok: tokens.Type(token(name, pulumi))}
	}
	for terraform, pulumi := range functions {
		info.DataSources[terraform] = &tfbridge.DataSourceInfo{Tok: tokens.ModuleMember(token(name, pulumi))}
	}
	// The npm packages carry the generated SDK: programs do not ask the plugin for more of the schema than this.
	schema, err := json.Marshal(map[string]string{"name": name, "version": version})
	if err != nil {
		panic(err)
	}
	pf.Main(context.Background(), name, info, pf.ProviderMetadata{PackageSchema: schema})
}

// token gives "random:index/randomPassword:RandomPassword" for "RandomPassword" of the package "random".
func token(pkg, member string) string {
	return pkg + ":index/" + strings.ToLower(member[:1]) + member[1:] + ":" + member
}
