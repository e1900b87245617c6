#!/usr/bin/env bash
# Does what the official image's entry point does, with the same variables:
# https://github.com/docker-library/postgres/blob/master/docker-entrypoint.sh
set -Eeo pipefail

# Several settings may come from a file instead: NAME_FILE in place of NAME.
from_file() {
  local name=$1 default=${2:-} file=${1}_FILE
  if [[ -n ${!name:-} && -n ${!file:-} ]]; then
    echo "error: both $name and $file are set" >&2
    exit 1
  fi
  if [[ -n ${!file:-} ]]; then
    printf -v "$name" '%s' "$(<"${!file}")"
  elif [[ -z ${!name:-} ]]; then
    printf -v "$name" '%s' "$default"
  fi
  export "${name?}"
  unset "$file"
}

make_folders() {
  mkdir -p "$PGDATA" /var/run/postgresql || true
  chmod 700 "$PGDATA" || true
  chmod 3775 /var/run/postgresql 2>/dev/null || true
  if [[ -n ${POSTGRES_INITDB_WALDIR:-} ]]; then
    mkdir -p "$POSTGRES_INITDB_WALDIR"
    chmod 700 "$POSTGRES_INITDB_WALDIR"
  fi
  if [[ $(id -u) == 0 ]]; then
    chown -R postgres "$PGDATA" /var/run/postgresql ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"}
  fi
}

# A volume of the time before version 18, which would stay unused while the data went with the container.
refuse_old_volume() {
  if [[ $PGDATA != /var/lib/postgresql/data && -s /var/lib/postgresql/data/PG_VERSION ]]; then
    echo "error: /var/lib/postgresql/data holds the data of an earlier version; this image keeps its own in $PGDATA" >&2
    exit 1
  fi
}

require_password() {
  if [[ -z $POSTGRES_PASSWORD && ${POSTGRES_HOST_AUTH_METHOD:-} != trust ]]; then
    echo "error: the database is not initialised and POSTGRES_PASSWORD is not set" >&2
    exit 1
  fi
}

init_database() {
  local extra=()
  if ! getent passwd "$(id -u)" >/dev/null; then
    # initdb wants a name for whoever runs it.
    local identity
    identity=$(mktemp -d)
    echo "postgres:x:$(id -u):$(id -g):PostgreSQL:$PGDATA:/bin/false" >"$identity/passwd"
    echo "postgres:x:$(id -g):" >"$identity/group"
    local library
    library=$(ls /usr/lib/*/libnss_wrapper.so | head -n 1)
    export LD_PRELOAD=$library NSS_WRAPPER_PASSWD=$identity/passwd NSS_WRAPPER_GROUP=$identity/group
  fi
  if [[ -n ${POSTGRES_INITDB_WALDIR:-} ]]; then extra=(--waldir "$POSTGRES_INITDB_WALDIR"); fi
  # Upstream lets the shell split and quote the arguments too.
  eval "initdb --username=\"\$POSTGRES_USER\" --pwfile=<(printf '%s\n' \"\$POSTGRES_PASSWORD\") $POSTGRES_INITDB_ARGS \"\${extra[@]}\" \"\$@\""
  if [[ -n ${NSS_WRAPPER_PASSWD:-} ]]; then
    rm -rf "${NSS_WRAPPER_PASSWD%/*}"
    unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
  fi
}

allow_hosts() {
  local method=${POSTGRES_HOST_AUTH_METHOD:-}
  if [[ -z $method ]]; then method=$(postgres -C password_encryption "${@:2}"); fi
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

query() {
  local options=(-v ON_ERROR_STOP=1 --no-password --no-psqlrc --username "$POSTGRES_USER")
  if [[ -n $POSTGRES_DB ]]; then options+=(--dbname "$POSTGRES_DB"); fi
  PGHOST='' PGHOSTADDR='' psql "${options[@]}" "$@"
}

create_database() {
  if [[ $POSTGRES_DB == postgres ]]; then return; fi
  local found
  found=$(POSTGRES_DB=postgres query --tuples-only --set db="$POSTGRES_DB" <<<"SELECT 1 FROM pg_database WHERE datname = :'db';")
  if [[ -z $found ]]; then
    POSTGRES_DB=postgres query --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
  fi
}

run_initial_files() {
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh)
        echo "running $file"
        # shellcheck disable=SC1090
        if [[ -x $file ]]; then "$file"; else . "$file"; fi
        ;;
      *.sql) echo "running $file"; query -f "$file" ;;
      *.sql.gz) echo "running $file"; gunzip -c "$file" | query ;;
      *.sql.xz) echo "running $file"; xzcat "$file" | query ;;
      *.sql.zst) echo "running $file"; zstd -dc "$file" | query ;;
      *) [[ ! -e $file ]] || echo "ignoring $file" ;;
    esac
  done
}

main() {
  if [[ ${1:-} == -* ]]; then set -- postgres "$@"; fi
  if [[ ${1:-} == postgres ]] && ! wants_help "$@"; then
    refuse_old_volume
    make_folders
    if [[ $(id -u) == 0 ]]; then
      exec setpriv --reuid=postgres --regid=postgres --init-groups "${BASH_SOURCE[0]}" "$@"
    fi
    from_file POSTGRES_PASSWORD
    from_file POSTGRES_USER postgres
    from_file POSTGRES_DB "$POSTGRES_USER"
    from_file POSTGRES_INITDB_ARGS
    if [[ ! -s $PGDATA/PG_VERSION ]]; then
      require_password
      init_database
      allow_hosts "$@"
      export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
      # Nobody outside may take it for the finished server.
      PGUSER=${PGUSER:-$POSTGRES_USER} pg_ctl -D "$PGDATA" -o "$(printf '%q ' "${@:2}" -c listen_addresses= -p "${PGPORT:-5432}")" -w start
      create_database
      run_initial_files
      PGUSER=${PGUSER:-$POSTGRES_USER} pg_ctl -D "$PGDATA" -m fast -w stop
      unset PGPASSWORD
      echo "PostgreSQL is set up."
    else
      echo "PostgreSQL's folder holds a database: nothing to set up."
    fi
  fi
  exec "$@"
}

wants_help() {
  local argument
  for argument; do
    case $argument in -'?' | --help | --describe-config | -V | --version) return 0 ;; esac
  done
  return 1
}

main "$@"
