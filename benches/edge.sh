#!/usr/bin/env bash
# The edge beside HAProxy: CPU time per request, the same two backends, one core each, access log on in both.
#
#   cargo build --release && benches/edge.sh [path/to/cargo-ship] [seconds] [rounds]
#
# Needs haproxy (which answers as the backends too), wrk, taskset, curl. Proxies run on core 0, backends and
# load on the others. Rounds alternate, because a machine that is shared is slower at times: the ratio of a
# round is what counts, and the median of the rounds is said. The edge's time is its worker's and its
# supervisor's. Exits 1 where a request failed or the median is above 1.3.
set -euo pipefail

ship=$(realpath "${1:-target/release/cargo-ship}")
seconds=${2:-5}
rounds=${3:-7}
for program in haproxy wrk taskset curl; do
    command -v "$program" >/dev/null || { echo "missing: $program" >&2; exit 3; }
done
root=$(mktemp -d /tmp/edge-bench.XXXXXX)
cores=$(nproc)
others=$([ "$cores" -gt 1 ] && echo "1-$((cores - 1))" || echo 0)
haproxy_pid=
edge_pid=

cleanup() {
    # The edge ends its slots and its worker when it is told to; what is not told is killed.
    [ -z "$edge_pid" ] || ask '{"v":1,"do":"stop","what":"all"}' >/dev/null 2>&1 || true
    for pid in $haproxy_pid $edge_pid; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$root"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# A port nobody listens on, away from those the kernel gives to clients.
free_port() {
    local port
    for _ in $(seq 100); do
        port=$((10000 + RANDOM % 20000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
    echo "no free port found" >&2
    exit 5
}

# Wait until a command succeeds.
wait_for() {
    local what=$1
    shift
    for _ in $(seq 300); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.1
    done
    echo "waited too long for $what" >&2
    cat "$root"/*.log >&2 || true
    exit 5
}

# One line to the edge's control socket, one line back.
cat >"$root/ask.rs" <<'RUST'
use std::io::{BufRead, BufReader, Write};
fn main() -> std::io::Result<()> {
    let [_, socket, asked] = std::env::args().collect::<Vec<_>>().try_into().unwrap();
    let mut stream = std::os::unix::net::UnixStream::connect(socket)?;
    writeln!(stream, "{asked}")?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    print!("{line}");
    Ok(())
}
RUST
rustc --edition=2024 -o "$root/ask" "$root/ask.rs"
ask() { "$root/ask" "$root"/s/*-control.sock "$1"; }

backend=$root/backend.cfg
cat >"$backend" <<'CFG'
global
    nbthread 1
defaults
    mode http
    timeout client 60s
frontend slot
    bind "127.0.0.1:${PORT}"
    http-request return status 200 content-type text/plain string "hello from ${NAME}\n"
CFG

edge_port=$(free_port)
taskset -c 0 "$ship" edge --port "$edge_port" --dir "$root/edge" --sockets "$root/s" >"$root/edge.log" 2>&1 &
edge_pid=$!
wait_for "the edge" ask '{"v":1,"do":"status"}'

slot() {
    printf '{"release":"%s","argv":["taskset","-c","%s","haproxy","-db","-f","%s"],"cwd":"%s","env":{"NAME":"%s"},"health":"/health"}' \
        "$1" "$others" "$backend" "$root" "$1"
}
status() { ask '{"v":1,"do":"status"}' >"$root/status"; }
weighing() { status && grep -q '"phase":"weighing"' "$root/status"; }
ask "{\"v\":1,\"do\":\"start\",\"slot\":$(slot stable)}" >"$root/started.log"
# Half of the requests to each, for as long as this takes; what the canary does decides nothing here.
terms='"steps":[50],"min_ms":3600000,"max_ms":3600000,"alpha":0.01,"max_error_rate":0.01,"promote_auto":false,"rollback_on_inconclusive":false,"verify_ms":1000'
ask "{\"v\":1,\"do\":\"canary\",\"plan\":{\"slot\":$(slot canary),$terms}}" >>"$root/started.log"
wait_for "the canary" weighing
port() { tr '{' '\n' <"$root/status" | sed -n "s/.*\"slot\":\"$1\".*\"port\":\([0-9]*\).*/\1/p" | head -1; }
worker_pid=$(sed -n 's/.*"worker":\([0-9]*\).*/\1/p' "$root/status")

haproxy_port=$(free_port)
cat >"$root/haproxy.cfg" <<CFG
global
    nbthread 1
    log stdout format raw local0
defaults
    mode http
    log global
    option httplog
    http-reuse always
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend in
    bind 127.0.0.1:$haproxy_port
    default_backend slots
backend slots
    option forwardfor
    server stable 127.0.0.1:$(port stable) weight 50
    server canary 127.0.0.1:$(port canary) weight 50
CFG
taskset -c 0 haproxy -db -f "$root/haproxy.cfg" >"$root/haproxy.log" 2>&1 &
haproxy_pid=$!
wait_for HAProxy curl -sf "http://127.0.0.1:$haproxy_port/"
wait_for "the edge to serve" curl -sf "http://127.0.0.1:$edge_port/"

# User and system time of processes, in clock ticks.
ticks() {
    local pid sum=0
    for pid in "$@"; do
        sum=$((sum + $(awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$pid/stat")))
    done
    echo "$sum"
}
hertz=$(getconf CLK_TCK)
load() { taskset -c "$others" wrk -t1 -c32 "-d$1" "http://127.0.0.1:$2/"; }
# Name, port, and the processes that are measured; one line to the table.
measure() {
    local name=$1 port=$2 before after
    shift 2
    load 1s "$port" >/dev/null
    before=$(ticks "$@")
    load "${seconds}s" "$port" >"$root/wrk.log"
    after=$(ticks "$@")
    awk -v name="$name" -v t=$((after - before)) -v hz="$hertz" '
        /requests in/ { asked = $1 }
        /Non-2xx/ { failed += $NF }
        /Socket errors/ { gsub(/[^0-9 ]/, ""); for (i = 1; i <= NF; i++) failed += $i }
        END { printf "%-8s %10d %8d %10.1f\n", name, asked, failed, t / hz * 1e6 / asked }' "$root/wrk.log"
}
printf '%-8s %10s %8s %10s\n' proxy requests failed 'us/request'
for ((round = 1; round <= rounds; round++)); do
    measure edge "$edge_port" "$worker_pid" "$edge_pid"
    measure haproxy "$haproxy_port" "$haproxy_pid"
done | tee "$root/table"
status
[ "$(sed -n 's/.*"worker":\([0-9]*\).*/\1/p' "$root/status")" = "$worker_pid" ] || { echo "the worker was replaced" >&2; exit 1; }

awk '
    $1 == "edge" { edge = $4; failed += $3; asked += $2 }
    $1 == "haproxy" { ratios[++count] = edge / $4 }
    END {
        for (i = 1; i <= count; i++)
            for (j = i + 1; j <= count; j++)
                if (ratios[j] < ratios[i]) { swap = ratios[i]; ratios[i] = ratios[j]; ratios[j] = swap }
        median = (ratios[int((count + 1) / 2)] + ratios[int(count / 2) + 1]) / 2
        printf "edge / haproxy, CPU per request: %.2f (%.2f to %.2f in %d rounds); failed at the edge: %d of %d\n",
            median, ratios[1], ratios[count], count, failed, asked
        exit failed > 0 || median > 1.3
    }' "$root/table"
