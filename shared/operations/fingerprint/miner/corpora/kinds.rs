//! The statements of each kind of log.

mod more;

use more::{CLOUD, DESKTOP, PHONE, PROXY, SECURITY, STEPS, SYSLOG, WEB};

/// A name and its statements, the most frequent first.
pub fn all() -> Vec<(&'static str, Vec<&'static str>)> {
    [
        ("storage", STORAGE),
        ("compute", COMPUTE),
        ("dataflow", DATAFLOW),
        ("quorum", QUORUM),
        ("racks", RACKS),
        ("cluster", CLUSTER),
        ("mail", MAIL),
        ("updates", UPDATES),
        ("syslog", SYSLOG),
        ("phone", PHONE),
        ("steps", STEPS),
        ("web", WEB),
        ("proxy", PROXY),
        ("security", SECURITY),
        ("cloud", CLOUD),
        ("desktop", DESKTOP),
    ]
    .map(|(name, text)| (name, text.lines().filter(|line| !line.is_empty()).collect()))
    .to_vec()
}

const STORAGE: &str = "\
Writer {d} for chunk {id} leaving
Fetching chunk {id} src: /{addr} dest: /{addr}
CHUNK* Registry.addStored: map updated: {addr} is added to {id} size {n}
CHUNK* Registry.allocate: {path}. {id}
Fetched chunk {id} of size {n} from /{ip}
Removing chunk {id} file {path}
CHUNK* Registry.drop: {id} is added to staleSet of {addr}
CHUNK* ask {addr} to copy {id} to node(s) {addrs}
Sent chunk {id} to /{ip}
{addr} begin transfer of {id} to {addrs}
Check succeeded for {id}
Exception while sending {id} to /{ip}:";

const COMPUTE: &str = "\
Progress of attempt attempt_{n}_m_{n}_{d} is : {f}
attempt_{n}_m_{n}_{d} Attempt moved from NEW to QUEUED
attempt_{n}_m_{n}_{d} Attempt moved from QUEUED to GRANTED
attempt_{n}_m_{n}_{d} Attempt moved from GRANTED to ACTIVE
task_{n}_m_{n} Task moved from NEW to PLANNED
task_{n}_m_{n} Task moved from PLANNED to ACTIVE
Registering class {class} for class {class}
Cannot renew lease for [Client_{n}_1] for {n} seconds.  Will retry soon ...
Retrying connect to server: {host}:{n}. Already tried {d} time(s); policy is Fixed(maxRetries={d}, sleep={n} MILLIS)
Before Planning: Reds:{d} Maps:{d} Asked:{d} Done:{d} Host:{d}
Address change found. Old: {host}/{addr} New: {host}:{n}
{job}Job Moved from SETUP to RUN
Auth granted for {job} (auth:SIMPLE)
Using callQueue class {class}
Resolved {host} to /rack-default
Kind: TOKEN, Service: , Ident: (id { application { id: {d} stamp: {n} } })
Using port {n} for the web part
Added filter {user} (class={class}) to context {user}";

const DATAFLOW: &str = "\
Finished task {f} in stage {f} (TID {n}). {n} bytes result sent to driver
Running task {f} in stage {f} (TID {n})
Found part rdd_{d}_{d} locally
Part piece_{d} stored as values in memory (estimated size {size}, free {size})
Part piece_{d} stored as bytes in memory (estimated size {size}, free {size})
Started reading piece variable {d}
Reading piece variable {d} took {n} ms
Input split: hdfs://{ip}:9000/logs/{n}.log:{n}+{n}
Times: total = {n}, boot = {neg}, init = {n}, finish = {d}
Registered signal handlers for {words}
{class} is outdated. Instead, use {class}
Changing view acls to: {user},{user}
Saved output of task 'attempt_{n}_0' to {path}
Connecting to driver: spark://Sched@{addr}
Memory store started with capacity {size}
Asked to send map output locations for shuffle {d} to {addr}
Server started on {n}";

const QUORUM: &str = "\
Received connection request /{addr}
Closed socket for client /{addr} which had session {hex}
Closed socket for client /{addr} (no session made)
Session {hex} with agreed timeout {n} for client /{addr} made
Expiring session {hex}, timeout of {n}ms exceeded
Notice time out: {n}
Notice: {d} (n.leader), {hex} (n.zxid), {d} (n.round), {state} (n.state), {d} (n.sid), {state} (my state)
Send worker leaving thread
Interrupting send worker
Interrupted while waiting for message on queue
Connection broken for id {n}, my id = {d}, error =
Processed session end for session: {hex}
Accepted socket connection from /{addr}
{state}
Have smaller server id, so dropping the connection: ({d}, {d})
caught end of stream exception
Snapshotting: {hex} to {path}
******* GOODBYE /{addr} ********
Cannot open channel to {d} at election address /{addr}
Exception causing close of session {hex} due to java.io.IOException: Server not running";

const RACKS: &str = "\
generating core.{n}
instruction cache parity error corrected
{n} double-word alignment exceptions
CE sym {d}, at {hex}, mask {hex}
total of {d} ddr error(s) detected and corrected
{d} ddr errors(s) detected and corrected on rank {d}, symbol {d}, bit {d}
iod: failed to read message prefix on control stream (Stream socket to {addr}
iod: Error loading {path}: invalid or missing image, No such file or directory
iod: Error loading {path}: invalid or missing image, Permission denied
data TLB error interrupt
data storage interrupt
program interrupt: illegal instruction......{d}
program interrupt: privileged instruction...{d}
program interrupt: trap instruction.........{d}
rts: kernel ended for reason {n}
data address: {hex}
instruction address: {hex}
Controller doing bit sparing on {loc} bit {d}
Node card VPD check: {loc} node in processor card slot {d} do not match
Link card {loc} is not fully functional
Lustre mount FAILED : bglio{n} : block_id : location
machine check enable..............{d}
ciodb has been restarted.
r{d}={hex} r{d}={hex} r{d}={hex} r{d}={hex}
{n} floating point alignment exceptions
idoproxydb hit ASSERT condition: ASSERT expression={d} Source file={path} Source line={n} Function={user}
problem state (0=sup,1=usr).......{d}";

const CLUSTER: &str = "\
Component State Change: Component \"SCSI-{n}:{hx}\" is in the gone state (HWID={n})
boot (command {n}) Error: machine check
Targeting domains:{node} and nodes:{node} child of command {n}
PSU status ( {onoff} {onoff} )
Fan speeds ( {nums} )
Temperature ({n}C) exceeds warning limit
ambient={d}
ServerFileSystem domain storage{n} is full
Link error on broadcast tree Interconnect-0T{d}:00:{d}:{d}
{node} has found an available network connection via interface e{d}
running
not responding
Linkerror event interval expired
PSU failure\\ambient={d}
{node} found fail over
halt (command {n})
Warning
Power is good";

const MAIL: &str = "\
session opened for user {user} by (uid={d})
session closed for user {user}
({user}) CMD (run-parts {path})
LEASE from {mac} via eth{d}: network A_net: no free leases
LEASE from {mac} via eth{d}
REQUEST for {ip} from {mac} via eth{d}
ACK on {ip} to {mac} via eth{d}
data_thread() got no answer from any [Bird_A{d}] source
synchronized to {ip}, stratum {d}
{hx}{hx}: from={user}, size={n}, class={d}, nrcpts={d}, msgid=<{n}.{user}@{host}>, relay={user}@localhost
{hx}{hx}: to={user}, ctladdr={user} ({d}/{d}), delay={time}, xdelay={time}, mailer=relay, pri={n}, stat=Sent ({n} accepted)
crashed while handling {ip}
connection from {ip} at {date}
PCI: Using IRQ router {user} at {hex}
LAPIC (acpi_id[{hex}] lapic_id[{hex}] enabled)
Warning: crontab seems mangled
check pass; user unknown
authentication failure; logname= uid={d} euid={d} tty=NODEV ruser= rhost={emptyip}
Did not receive ident string from {ip}
Accepted password for {user} from {addr}
{prog} startup succeeded
{prog} shutdown succeeded
Losing some ticks... checking if CPU frequency changed.
imklog {d}.{d}, log source = {path} started.";

const UPDATES: &str = "\
Loaded Stack v{f} with Core: {win}
SQM: Beginning online with opt-in: {bool}
SQM: Cleaning up report files older than {d} days.
SQM: Asking upload of all unsent reports.
SQM: Failed to start upload with pattern: {win}, flags: {hex} [HRESULT = {hex} - E_FAIL]
Session: {n}_{n} begun by client WindowsUpdate.
Read out cached applicability for package: Package_for_KB{n}~31bf~amd64~~{f}, Applicable: {n}, Current:{n}
Warning: Unknown packageExtended attribute.
Failed to open package. [HRESULT = {hex} - E_INVALID]
{hx} Store {n} ({hex}) initialized
{hx} Created transaction (sequence {n}) for objectset [{d}]
{hx}@2016/9/27:20:40:53.{n} transaction @{hex} initialized for engine {uuid} with flags {hx} and client id [{d}]\"{user}\"/\"\"
Ending the worker main loop.
Starting the worker main loop.
TrustedInstaller service starts successfully.
No startup processing required, {prog} service was not set as autostart
Startup processing thread ended normally
NonStart: Checking to ensure startup processing was not required.
Idle processing thread ended normally
Reboot mark refs: {d}";
