//! The statements of more kinds of log: kernel, mobile, web, proxy, security, cloud, desktop.

pub const SYSLOG: &str = "\
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

pub const PHONE: &str = "\
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

pub const STEPS: &str = "\
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

pub const WEB: &str = "\
[client {ip}] Directory index forbidden by rule: {path}
[client {ip}] File not there: {path}
env.init() ok {path}
child_init() Found child {n} in scoreboard slot {d}
mod_q child env in error state {d}
mod_q child init {d} {neg}
[client {ip}] script not found or unable to stat: {path}
Can't find child {n} in scoreboard";

pub const PROXY: &str = "\
{host}:{n} close, {n} bytes sent, {n} bytes received, lifetime {dur}
{host}:{n} open through proxy {host}:{n} HTTPS
{host}:{n} close, {n} bytes ({size}) sent, {n} bytes received, lifetime {dur}
{host}:{n} close, {n} bytes sent, {n} bytes ({size}) received, lifetime {dur}
{host}:{n} close, {n} bytes ({size}) sent, {n} bytes ({size}) received, lifetime {dur}
{host}:{n} error : Could not connect through proxy {host}:{n} - Proxy closed the connection unexpectedly.
{host}:{n} error : Could not connect to proxy {host}:{n} - connection attempt failed with error {n}
open through proxy {host}:{n} SOCKS5";

pub const SECURITY: &str = "\
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

pub const CLOUD: &str = "\
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

pub const DESKTOP: &str = "\
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
