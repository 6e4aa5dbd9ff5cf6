//! The statements of each kind of log.

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

const SYSLOG: &str = "\
authentication failure; logname= uid={d} euid={d} tty=NODEV ruser= rhost={emptyip}
authentication failure; logname= uid={d} euid={d} tty=NODEV ruser= rhost={ip}  user={user}
check pass; user unknown
connection from {ip} ({emptyip}) at {date}
session opened for user {user} by (uid={d})
session closed for user {user}
ALERT exited abnormally with [{d}]
Auth failed for user {user}: Authentication failure
{prog} startup succeeded
{prog} shutdown succeeded
getpeername (ftpd): Transport endpoint is not connected
ANONYMOUS FTP LOGIN FROM {ip}, (anonymous)
Kernel command line: ro root=LABEL=/ rhgb quiet
klogd {f}, log source = {path} started.
Memory: {n}k/{n}k available ({n}k kernel code, {n}k reserved, {n}k data, {n}k init, 0k highmem)
hda: QUANTUM disk {n}, ATA DISK drive
usbcore: registered new driver {user}
usbcore: registered new driver hub
Initializing CPU#{d}
Initializing random number generator:  succeeded
CPU {d} irqstacks, hard={hx} soft={hx}
notify question section for ({user}.): bad name
request from unknown client {ip}
 ENABLED, uses IRQ {d}
audit({n}.{n}:0): initialized";

const PHONE: &str = "\
acquire lock={n}, flags={hex}, tag=\"View Lock\", name={class}, ws=null, uid={n}, pid={n}
release:lock={n}, flg={hex}, tag=\"{user}\", name={class}\", ws=WorkSource{{obj}}, uid={n}, pid={n}
printFreezing opening app wtoken = AppToken{{obj}}, allDrawn= {bool}, started =  {bool}, moved =  {bool}
visible is {class}
visibility.getValue is {bool}
Skipping AppToken{{obj}} -- going to hide
getTasks: caller {n} does not hold REAL_TASKS; limiting output
userActivityNoUpdate: eventTime={n}, event={d}, flags={hex}, uid={n}
ready={bool},policy={d},wakefulness={d},summary={hex},light={bool}
cleanUpRecord, cleanUp -> Record{{obj}}
interceptKeyTq keycode={d} interactive={bool} keyguardActive={bool} policyFlags={hex}
HBM brightnessIn ={d}
Animating brightness: target={d}, rate={n}
setSystemUiVisibility vis={hx} mask={hx} oldVal={hx} newVal={hx} diff={hx} fullscreenVis={d}
computeScreen allow, systemUi={bool}, show={bool}
onReceive {class}
Killing {n}:{class}/u0a{d} (adj {n}): empty #{d}
startAnimation begin
finishAnimation begin
updateClipping isOverlap:{bool}, getTop={f}, qsTop={d}, overflow={d}
Finishing Record{{obj}} because {user}
failed to send msg {d}
remove panel {n}";

const STEPS: &str = "\
onStepsChanged {n}
onExtend:{n} {d} {d} {d}
getTodayTotal = {n}##{hashes}
setTodayTotal={n}##{hashes}
calculateCalories total={n}
calculateAltitude total={d}
REPORT : {nums}
processBroadcast action:{class}
onReceive action: {class}
upLoadMinute time={n},{commas}
flush sensor data
flushTempCache {d}
getBinder packageName = {class}
needs to upload the data? false
screen status unknown,think screen on
checkInsert status size: {d}
saveHealthDetail() deleteStatData duplicated
getSavedData:({n},{commas})
startTimer start autoSync
setGoal totalGoal={n}
writeDay value:{d}";

const WEB: &str = "\
[client {ip}] Directory index forbidden by rule: {path}
[client {ip}] File not there: {path}
env.init() ok {path}
child_init() Found child {n} in scoreboard slot {d}
mod_q child env in error state {d}
mod_q child init {d} {neg}
[client {ip}] script not found or unable to stat: {path}
Can't find child {n} in scoreboard";

const PROXY: &str = "\
{host}:{n} close, {n} bytes sent, {n} bytes received, lifetime {dur}
{host}:{n} open through proxy {host}:{n} HTTPS
{host}:{n} close, {n} bytes ({size}) sent, {n} bytes received, lifetime {dur}
{host}:{n} close, {n} bytes sent, {n} bytes ({size}) received, lifetime {dur}
{host}:{n} close, {n} bytes ({size}) sent, {n} bytes ({size}) received, lifetime {dur}
{host}:{n} error : Could not connect through proxy {host}:{n} - Proxy closed the connection unexpectedly.
{host}:{n} error : Could not connect to proxy {host}:{n} - connection attempt failed with error {n}
open through proxy {host}:{n} SOCKS5";

const SECURITY: &str = "\
Failed password for root from {ip} port {n} ssh2
reverse mapping checking getaddrinfo for {host}.{n}.example.net [{ip}] failed - POSSIBLE BREAK-IN ATTEMPT!
Received disconnect from {ip}: {d}: Bye Bye [preauth]
Failed password for invalid user {user} from {ip} port {n} ssh2
Invalid user {user} from {ip}
input_request: invalid user {user} [preauth]
pam_unix(sshd:auth): check pass; user unknown
pam_unix(sshd:auth): authentication failure; logname= uid={d} euid={d} tty=ssh ruser= rhost={emptyip} 
pam_unix(sshd:auth): authentication failure; logname= uid={d} euid={d} tty=ssh ruser= rhost={ip}  user={user}
Connection closed by {ip} [preauth]
Did not receive ident string from {ip}
PAM {d} more authentication failures; logname= uid={d} euid={d} tty=ssh ruser= rhost={ip}  user={user}
message repeated {d} times: [ Failed password for root from {ip} port {n} ssh2]
Accepted password for {user} from {ip} port {n} ssh2
pam_unix(sshd:session): session opened for user {user} by (uid={d})
pam_unix(sshd:session): session closed for user {user}
Received disconnect from {ip}: {d}: Closed due to user request. [preauth]
error: Received disconnect from {ip}: {d}: com.jc.Exception: Auth fail [preauth]
fatal: Write failed: Connection reset by peer [preauth]
Too many authentication failures for {user} [preauth]
Server listening on {ip} port {n}.";

const CLOUD: &str = "\
{ip} \"GET /v2/{hx}/servers/detail HTTP/1.1\" status: {n} len: {n} time: {f}
{ip} \"POST /v2/{hx}/os-events HTTP/1.1\" status: {n} len: {n} time: {f}
[instance: {uuid}] VM Started (Lifecycle Event)
[instance: {uuid}] VM Paused (Lifecycle Event)
[instance: {uuid}] VM Resumed (Lifecycle Event)
[instance: {uuid}] VM Stopped (Lifecycle Event)
image {uuid} at ({path}): checking
image {uuid} at ({path}): in use: on this node {d} local, {d} on other nodes sharing this storage
Active base files: {paths}
Removable base files: {paths}
[instance: {uuid}] Took {f} seconds to build instance.
[instance: {uuid}] Took {f} seconds to spawn the instance on the hypervisor.
[instance: {uuid}] Took {f} seconds to destroy the instance on the hypervisor.
[instance: {uuid}] Attempting claim: memory {n} MB, disk {d} GB, vcpus {d} CPU
[instance: {uuid}] Total memory: {n} MB, used: {f} MB
[instance: {uuid}] Total disk: {n} GB, used: {f} GB
[instance: {uuid}] memory limit: {f} MB, free: {f} MB
[instance: {uuid}] disk limit not given, defaulting to unlimited
[instance: {uuid}] vcpu limit not given, defaulting to unlimited
[instance: {uuid}] Claim successful
Creating event network-vif-plugged:{uuid} for instance {uuid}
[instance: {uuid}] Instance destroyed successfully.
[instance: {uuid}] Instance spawned successfully.
HTTP exception thrown: No instances found for any event
Unknown base file: {path}
{ip} \"DELETE /v2/{hx}/servers/{uuid} HTTP/1.1\" status: {n} len: {n} time: {f}";

const DESKTOP: &str = "\
NETWORK: interval of {d} seconds
en{d}: channel changed to {d}
ARPT: {f}: AirPort_Chip{d}::syncPower: WWEN[enabled]
ARPT: {f}: wl{d}: Roamed or switched channel, reason #{d}, bssid {mac}
ARPT: {f}: AirPort_Chip{d}::powerChange: System Sleep
ARPT: {f}: AirPort_Chip{d}::powerChange: System Wake - Full Wake/ Dark Wake / Maintenance wake
Thunder HPD packet for route = {hex} port = {d} unplug = {d}
Sandbox: {prog}({n}) deny({d}) network-outbound {path}
{class}: scheduler_evaluate told me to run this job; however, but the start time isn't for {n} seconds.  Ignoring.
Unexpected payload found for message {d}, dataLen {d}
Invoked notification with id: {uuid}
USBMSC Identifier (non-unique): {hx} {hex} {hex} {hex}, {d}
Previous sleep cause: {d}
Link Up on awdl{d}
Link Down on awdl{d}. Reason {d} (Unknown).
Got an xpc error: Connection invalid
Wake reason: RTC (Alarm)
Wake reason: ARPT (Network)
Could not find image for {class} in bundle
tcp_connection_destination_prefer_end {n} {host} prefer
Bluetooth hibernated with {d} devices
[HID] [MT] Multitouch::willEnd entered
host connection <Conn: {hex}, pid = {n}> began
hfs: mounted {user} on device disk{d}s{d}
hfs: unmount initiated on {user} on device disk{d}s{d}
process {prog}[{n}] caught causing excessive wakeups. Observed wakeups rate (per sec): {n}; Maximum permitted: {n}
Location icon should now be in state 'Active'
Location icon should now be in state 'Inactive'
PMStats: Hibernate read took {n} ms
Setting BTCoex Config: enable_2G:{d}, profile_2g:{d}, enable_5G:{d}, profile_5G:{d}";
