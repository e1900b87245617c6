// The provider keeps its code under internal/: a module whose path lies below its own may import it.
module github.com/hashicorp/terraform-provider-tls/shim

go 1.26.0

require github.com/hashicorp/terraform-provider-tls v1.2.1-0.20230117062332-afdd54107aba
