#!/bin/sh
# The edge beside HAProxy: CPU time per request, the same two backends, one core each, access log on in both.
#
#   cargo build --release && benches/edge.sh [path/to/cargo-ship] [seconds]
#
# Needs haproxy, wrk, taskset, curl. Proxies run on core 0, backends and load on the others.
set -eu
ship=${1:-target/release/cargo-ship}
seconds=${2:-10}
for program in haproxy wrk taskset curl rustc; do
    command -v "$program" >/dev/null || { echo "missing: $program"; exit 3; }
done
root=$(mktemp -d)
cores=$(nproc)
others=$([ "$cores" -gt 1 ] && echo "1-$((cores - 1))" || echo 0)
haproxy_pid=
cleanup() {
    [ -z "$haproxy_pid" ] || kill "$haproxy_pid" 2>/dev/null || true
    printf '{"v":1,"do":"stop","what":"all"}\n' | control >/dev/null 2>&1 || true
    rm -rf "$root"
}
trap cleanup EXIT

rustc -O --edition=2024 -o "$root/service" - <"$(dirname "$0")/../tests/ship/edge/service.rs.txt"
# One line to the edge's control socket, one line back.
cat >"$root/control.rs" <<'RUST'
use std::io::{BufRead, BufReader, Read, Write};
fn main() {
    let mut asked = String::new();
    std::io::stdin().read_to_string(&mut asked).unwrap();
    let mut stream = std::os::unix::net::UnixStream::connect(std::env::args().nth(1).unwrap()).unwrap();
    stream.write_all(asked.as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    print!("{line}");
}
RUST
rustc -O --edition=2024 -o "$root/control" "$root/control.rs"
control() { "$root/control" "$root"/s/*-control.sock; }

taskset -c 0 "$ship" edge --port 18090 --dir "$root/edge" --sockets "$root/s" >/dev/null 2>&1 &
until ls "$root"/s/*-control.sock >/dev/null 2>&1; do sleep 0.1; done
slot() {
    printf '{"release":"%s","argv":["taskset","-c","%s","%s/service"],"cwd":"%s","env":{"NAME":"%s"},"health":"/health"}' \
        "$1" "$others" "$root" "$root" "$1"
}
printf '{"v":1,"do":"start","slot":%s}\n' "$(slot stable)" | control >/dev/null
printf '{"v":1,"do":"canary","plan":{"slot":%s,"steps":[50],"min_ms":3600000,"max_ms":3600000,"alpha":0.01,"max_error_rate":0.01,"promote_auto":false,"rollback_on_inconclusive":false,"verify_ms":1000}}\n' \
    "$(slot canary)" | control >/dev/null
until printf '{"v":1,"do":"status"}\n' | control >"$root/status" && grep -q '"phase":"weighing"' "$root/status"; do sleep 0.2; done
port() { tr '{' '\n' <"$root/status" | sed -n "s/.*\"slot\":\"$1\".*\"port\":\([0-9]*\).*/\1/p" | head -1; }
worker=$(sed -n 's/.*"worker":\([0-9]*\).*/\1/p' "$root/status")

cat >"$root/haproxy.cfg" <<CFG
global
    nbthread 1
    log stdout format raw local0
defaults
    mode http
    log global
    option httplog
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend in
    bind 127.0.0.1:18091
    default_backend slots
backend slots
    option forwardfor
    server stable 127.0.0.1:$(port stable) weight 50
    server canary 127.0.0.1:$(port canary) weight 50
CFG
taskset -c 0 haproxy -f "$root/haproxy.cfg" >"$root/haproxy.log" 2>&1 &
haproxy_pid=$!
until curl -sf http://127.0.0.1:18091/ >/dev/null; do sleep 0.1; done

# User and system time of a process, in clock ticks.
ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }
hertz=$(getconf CLK_TCK)
measure() {
    taskset -c "$others" wrk -t1 -c32 -d2s "http://127.0.0.1:$2/" >/dev/null
    before=$(ticks "$3")
    taskset -c "$others" wrk -t1 -c32 -d"${seconds}s" "http://127.0.0.1:$2/" >"$root/wrk"
    after=$(ticks "$3")
    requests=$(awk '/requests in/ { print $1 }' "$root/wrk")
    bad=$(awk '/Non-2xx|Socket errors/ { print; found = 1 } END { if (!found) print "none" }' "$root/wrk")
    awk -v name="$1" -v t=$((after - before)) -v hz="$hertz" -v n="$requests" -v bad="$bad" \
        'BEGIN { printf "%-8s %10d %14.1f   %s\n", name, n, t / hz * 1e6 / n, bad }'
}
printf '%-8s %10s %14s   %s\n' proxy requests 'us CPU/request' errors
for round in 1 2 3; do
    measure edge 18090 "$worker"
    measure haproxy 18091 "$haproxy_pid"
done | tee "$root/table"
awk '{ sum[$1] += $3 } END { printf "edge / haproxy: %.2f\n", sum["edge"] / sum["haproxy"] }' "$root/table"
