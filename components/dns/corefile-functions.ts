/**
 * Functions of the script that tells CoreDNS: what they read and write is a Corefile as the JSON string that it is. It is
 * cut and joined, and never decoded, so that nothing of it can change.
 */
export const corefileFunctions = String.raw`# json <path>: a string of a JSON document, as it is written there.
json() {
  awk -v path="$1" '
    { text = text $0 " " }
    END {
      size = length(text)
      for (at = 1; at <= size; at++) {
        sign = substr(text, at, 1)
        if (sign == "\"") {
          start = at + 1
          for (at++; at <= size && (sign = substr(text, at, 1)) != "\""; at++) if (sign == "\\") at++
          word = substr(text, start, at - start)
          if (key[depth]) { name[depth] = word; key[depth] = 0; continue }
          here = name[1]
          for (level = 2; level <= depth; level++) here = here "." name[level]
          if (here == path) { print word; exit }
        }
        else if (sign == "{") { depth++; map[depth] = key[depth] = 1 }
        else if (sign == "[") { depth++; map[depth] = key[depth] = 0; name[depth] = "" }
        else if (sign == "}" || sign == "]") depth--
        else if (sign == ",") key[depth] = map[depth]
      }
    }'
}

# encoded: lines as the inside of a JSON string.
encoded() {
  awk '{ gsub(/"/, "\\\""); printf "%s\\n", $0 }'
}

# servers <port>: the answers. Names of the hosts are exact; below the services' domain every name is one.
servers() {
  case $ADDRESS in *:*) type=AAAA ;; *) type=A ;; esac
  zones=
  for host in $HOSTS; do zones="$zones$host$1 "; done
  cat << END
# BEGIN datalab
$zones{
    errors
    hosts {
        $ADDRESS $HOSTS
        ttl 60
    }
}
$SERVICES_DOMAIN$1 {
    errors
    template IN $type {
        answer "{{ .Name }} 60 IN $type $ADDRESS"
    }
    template ANY ANY {
        rcode NOERROR
    }
}
# END datalab
END
}

# without_block: a Corefile as a JSON string, without what this script once wrote.
without_block() {
  awk '{
    from = index($0, "# BEGIN datalab")
    to = index($0, "# END datalab")
    if (from && to > from) {
      rest = substr($0, to + length("# END datalab"))
      sub(/^\\n/, "", rest)
      $0 = substr($0, 1, from - 1) rest
    }
    print
  }'
}

# lines: a Corefile as people see it, to look at only.
lines() {
  awk '{ gsub(/\\n/, "\n"); gsub(/\\t/, " "); print }'
}
`;
