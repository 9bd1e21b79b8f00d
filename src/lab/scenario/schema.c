/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/scenario/schema.h"

#include <string.h>
#include <sys/socket.h>

#include "host/socket/socket.h"

/* One line a key.  K: any value that is not negative; R: with a range; C: one of a list. */
#define FIELD(type, field) offsetof(struct type, field), sizeof(((struct type *)0)->field)
#define K(type, name, kind, field, text)                                                           \
	{name, KIND_##kind, FIELD(type, field), 0, 0, NULL, text}
#define R(type, name, kind, field, low, high, text)                                                \
	{name, KIND_##kind, FIELD(type, field), (double)(low), (double)(high), NULL, text}
#define C(type, name, field, list, text)                                                           \
	{name, KIND_CHOICE, FIELD(type, field), 0, 0, list, text}

static const char *const stacks[] = {"linux-2.4", "bsd-card", NULL};
static const char *const toe_kinds[] = {"interrupt", "polling", NULL};
static const char *const families[] = {"inet", "toe", NULL};
static const char *const web_models[] = {"fork", "prefork", NULL};
static const char *const accept_modes[] = {"per-call", "standing", NULL};
static const char *const echo_modes[] = {"server", "sink", "connect", "udp-echo", "udp-send", "udp-sink",
                                         NULL};
static const char *const fault_directions[] = {"both", "forward", "back", NULL};
static const char *const echo_outcomes[] = {"ok", "refused", "reset", "timeout", NULL};
static const char *const event_outcomes[] = {"ok", "busy", "exists", "missing", NULL};
static const char *const receive_modes[] = {"interval", "wait-all", NULL};

#define DAY (86400 * SIM_S)
/* A client comes when the server listens. */
#define CLIENT_START (10 * SIM_MS)

static const struct key scenario_keys[] = {
	K(scenario_group, "title", TEXT, title, "what the scenario shows"),
	R(scenario_group, "warmup", TIME, warmup, 0, DAY, "time before the measuring window"),
	R(scenario_group, "duration", TIME, duration, 0, DAY,
	  "measuring window; 0s: until the programs end"),
	R(scenario_group, "batch", TIME, batch, 0, DAY,
	  "part of the window for confidence intervals; 0s: a twentieth"),
	R(scenario_group, "limit", TIME, limit, SIM_US, DAY, "a run without duration is given up then"),
	K(scenario_group, "sweep", NAMES, sweep, "what sweep varies: GROUP.KEY=A;B;C, ..."),
	K(scenario_group, "figure", NAMES, figure, "columns that sweep's figure shows; not given: all"),
};

static const struct key host_keys[] = {
	R(host_group, "cold_factor", FACTOR, conf.cold_factor, 1, 10,
	  "multiplies kernel-mode costs: cold caches"),
	R(host_group, "time_slice", TIME, conf.time_slice, SIM_US, SIM_S, "of a task"),
	R(host_group, "tick", TIME, conf.tick, 0, SIM_S, "timer resolution; 0s: exact"),
	R(host_group, "max_tasks", COUNT, conf.max_tasks, 1, 1e6, "tasks"),
	R(host_group, "max_files", COUNT, conf.max_files, 1, 1e6, "descriptors of a process"),
	K(host_group, "costs", TEXT, costs, "the group of type cost that gives the processor's costs"),
	C(host_group, "stack", stack, stacks, "preset of the TCP/IP stack"),
};

static const struct key cost_keys[] = {
#define X(id, key, layer, text)                                                                    \
	{#key, KIND_COST, FIELD(cost_group, value[COST_##id]), 0, 0, NULL, text},
	HOST_COSTS(X)
#undef X
};

static const struct key toecost_keys[] = {
#define X(id, key, layer, text)                                                                    \
	{#key, KIND_COST, FIELD(toecost_group, value[TOE_COST_##id]), 0, 0, NULL, text},
	TOE_COSTS(X)
#undef X
};

static const struct key pci_keys[] = {
	K(pci_group, "host", TEXT, host, "the host whose bus it is"),
	R(pci_group, "width", COUNT, conf.width_bits, 32, 64, "data lines: 32 or 64"),
	R(pci_group, "clock", FREQUENCY, conf.clock_hz, 1e6, 1e9, "bus clock"),
	R(pci_group, "latency", TIME, conf.latency, 10 * SIM_NS, 10 * SIM_US,
	  "one way between CPU and device"),
	R(pci_group, "bandwidth_scale", FACTOR, conf.bandwidth_scale, 0.001, 1000,
	  "multiplies the data rate"),
	R(pci_group, "burst", BYTES, conf.burst_bytes, 8, 65536, "longest burst"),
	R(pci_group, "arbitration_clocks", COUNT, conf.arbitration_clocks, 0, 1000,
	  "change of owner, turnaround included"),
	R(pci_group, "setup_clocks", COUNT, conf.setup_clocks, 0, 1000,
	  "address phase and wait states of a burst"),
	R(pci_group, "host_read_latency", TIME, conf.host_read_latency, 0, SIM_MS,
	  "first data of a DMA read"),
	R(pci_group, "dma_setup", TIME, conf.dma_setup, 0, SIM_MS, "from DMA request to bus request"),
	R(pci_group, "max_outstanding", COUNT, conf.max_outstanding, 1, 1024,
	  "DMA requests of a device in flight"),
	R(pci_group, "posted_depth", COUNT, conf.posted_depth, 1, 1024, "posted writes in the bridge"),
};

static const struct key nic_keys[] = {
	K(nic_group, "bus", TEXT, bus, "the pci group it is plugged into"),
	K(nic_group, "address", NETWORK, address, "of the interface"),
	R(nic_group, "mtu", BYTES, conf.mtu, 68, FRAME_MTU_JUMBO, "of the interface"),
	K(nic_group, "gateway", ADDRESS, gateway, "default route, or any for none"),
	R(nic_group, "irq", COUNT, irq, 0, 31, "interrupt line; not given: one of its own"),
	K(nic_group, "plugged", BOOL, plugged, "no: the card is left out"),
	R(nic_group, "tx_ring", COUNT, conf.tx_ring, 4, 65536, "transmit descriptors"),
	R(nic_group, "rx_ring", COUNT, conf.rx_ring, 4, 65536, "receive descriptors"),
	R(nic_group, "irq_throttle", TIME, conf.irq_throttle, 0, SIM_S,
	  "least time between interrupts; 0s: none"),
	K(nic_group, "napi", BOOL, conf.napi, "poll in softirq with the interrupt masked"),
	R(nic_group, "tx_irq_every", COUNT, conf.tx_irq_every, 0, 65536,
	  "transmit interrupt each n-th descriptor; 0: none"),
	R(nic_group, "budget", COUNT, conf.budget, 1, 65536, "frames per poll"),
};

static const struct key toe_keys[] = {
	K(toe_group, "bus", TEXT, bus, "the pci group it is plugged into"),
	K(toe_group, "costs", TEXT, costs, "the group of type toecost that gives the firmware's costs"),
	K(toe_group, "address", NETWORK, address, "of the interface"),
	R(toe_group, "mtu", BYTES, conf.mtu, 68, FRAME_MTU_JUMBO, "of the interface"),
	K(toe_group, "gateway", ADDRESS, gateway, "default route, or any for none"),
	R(toe_group, "irq", COUNT, irq, 0, 31, "interrupt line; not given: one of its own"),
	K(toe_group, "plugged", BOOL, plugged, "no: the card is left out"),
	R(toe_group, "clock_scale", FACTOR, conf.clock_scale, 0.001, 1e6,
	  "speed of the firmware processor; 2: twice as fast"),
	C(toe_group, "kind", conf.kind, toe_kinds,
	  "how completions are noticed: by interrupt, or in a ring that the driver polls"),
	R(toe_group, "ring", COUNT, conf.ring, 4, 65536, "command descriptors"),
	R(toe_group, "rx_ring", COUNT, conf.rx_ring, 4, 65536, "receive buffers, a frame each"),
	R(toe_group, "max_sockets", COUNT, conf.max_sockets, 0, 1e7, "the card holds; 0: no limit"),
	R(toe_group, "buffer", BYTES, conf.buffer_bytes, 0, 4e9, "card memory; 0B: no limit"),
	K(toe_group, "sync_init", BOOL, conf.sync_init, "the initialise command is waited for"),
	R(toe_group, "command_timeout", TIME, conf.command_timeout, SIM_MS, DAY,
	  "after which the card is declared dead"),
	R(toe_group, "irq_throttle", TIME, conf.irq_throttle, 0, SIM_S,
	  "least time between interrupts; 0s: none"),
	R(toe_group, "poll_spin", TIME, conf.poll_spin, 0, SIM_S,
	  "polling: a task looks for its answer this long before it sleeps"),
	R(toe_group, "poll_period", TIME, conf.poll_period, SIM_US, SIM_S,
	  "polling: between two looks of the driver's timer"),
	R(toe_group, "poll_rounds", COUNT, conf.poll_rounds, 1, 1e6,
	  "polling: looks in vain until the driver arms the interrupt"),
	K(toe_group, "run_to_completion", BOOL, conf.run_to_completion,
	  "commands wait their turn among frames, instead of interrupting the stack"),
	C(toe_group, "stack", stack, stacks, "preset of the card's TCP/IP stack"),
	R(toe_group, "fails_at", TIME, fails_at, 0, DAY, "the firmware stops; 0s: never"),
	R(toe_group, "removed_at", TIME, removed_at, 0, DAY, "the card is pulled out; 0s: never"),
};

static const struct key peer_keys[] = {
	R(peer_group, "count", COUNT, count, 1, 10000, "machines with consecutive addresses"),
	K(peer_group, "address", NETWORK, address, "of the first"),
	R(peer_group, "mtu", BYTES, mtu, 68, FRAME_MTU_JUMBO, "of each one's interface"),
	K(peer_group, "gateway", ADDRESS, gateway, "default route, or any for none"),
	R(peer_group, "latency", TIME, latency, 0, SIM_S, "from a frame's arrival to the stack"),
	C(peer_group, "stack", stack, stacks, "preset of the TCP/IP stack"),
};

static const struct key tap_keys[] = {
	K(tap_group, "device", TEXT, device, "TAP device; not given: called as the group"),
	K(tap_group, "address", NETWORK, address, "of the real machine on it"),
};

static const struct key network_keys[] = {
	K(network_group, "members", NAMES, members,
	  "interfaces, peers and taps; two machines: a wire, more: a switch"),
	R(network_group, "rate", RATE, link.bits_per_s, 1e3, 1e12, "of each link"),
	R(network_group, "propagation", TIME, link.propagation, 0, 10 * SIM_S, "of each link"),
	R(network_group, "mtu", BYTES, link.mtu, 0, FRAME_MTU_JUMBO,
	  "frames with longer packets are dropped; 0B: none"),
	R(network_group, "queue", BYTES, link.queue_bytes, 0, 4e9,
	  "transmit queue of each end; 0B: no limit"),
	R(network_group, "switch_latency", TIME, switch_latency, 0, SIM_S, "forwarding time"),
	R(network_group, "loss", SHARE, fault.loss, 0, 1, "frames lost"),
	R(network_group, "burst_loss", SHARE, fault.burst_loss, 0, 1, "frames lost in the bad state"),
	R(network_group, "burst_enter", SHARE, fault.burst_enter, 0, 1, "to the bad state, per frame"),
	R(network_group, "burst_leave", SHARE, fault.burst_leave, 0, 1, "from the bad state, per frame"),
	R(network_group, "corrupt", SHARE, fault.corrupt, 0, 1, "frames with a bit flipped"),
	R(network_group, "duplicate", SHARE, fault.duplicate, 0, 1, "frames sent twice"),
	R(network_group, "reorder", SHARE, fault.reorder, 0, 1, "frames held back"),
	R(network_group, "reorder_delay", TIME, fault.reorder_delay, 0, 10 * SIM_S, "for this long"),
	R(network_group, "jitter", TIME, fault.jitter, 0, 10 * SIM_S, "most extra delay, order kept"),
	K(network_group, "faults_at", NAMES, faults_at,
	  "members whose links have these faults; not given: all"),
	C(network_group, "faults_go", faults_go, fault_directions,
	  "both ways, forward (from each member) or back (towards it); on a wire as seen by its first"),
	K(network_group, "drop_forward", NUMBERS, drop_forward,
	  "numbers of the frames dropped from each member"),
	K(network_group, "drop_back", NUMBERS, drop_back,
	  "numbers of the frames dropped towards each member"),
};

static const struct key sop_keys[] = {
	K(sop_group, "host", TEXT, host, "the host that loads the module"),
	K(sop_group, "loaded", BOOL, loaded, "no: the module is not loaded"),
	R(sop_group, "load_at", TIME, load_at, 0, DAY, "when; 0s: before the programs start"),
	C(sop_group, "accept", conf.accept, accept_modes,
	  "threads for an accept on several stacks: made per call, or standing"),
	C(sop_group, "receive", conf.receive, receive_modes,
	  "blocking receive on several stacks: ask at an interval, or sleep on all"),
	R(sop_group, "recv_interval", TIME, conf.recv_interval, SIM_US, 10 * SIM_S, "of the sweep"),
	K(sop_group, "connect_on_refused_only", BOOL, conf.connect_on_refused_only,
	  "only a refusal tries the next stack"),
	K(sop_group, "listen_all_or_nothing", BOOL, conf.listen_all_or_nothing,
	  "one stack's failure fails listen"),
};

static const struct key fileset_keys[] = {
	K(fileset_group, "host", TEXT, host, "the host that has the files"),
	K(fileset_group, "path", TEXT, path, "one file; not given: SPECweb99's file set"),
	K(fileset_group, "folder", TEXT, folder, "of this machine, whose files are there instead"),
	R(fileset_group, "size", BYTES, size, 0, 1e15, "of the one file"),
	R(fileset_group, "directories", COUNT, directories, 0, FILES_MAX_DIRECTORIES,
	  "of the file set; 0: as many as the clients ask for"),
	K(fileset_group, "seed", COUNT, seed, "of the one file's bytes"),
};

static const struct key web_keys[] = {
	K(web_group, "host", TEXT, host, "the host that runs it"),
	K(web_group, "enabled", BOOL, enabled, "no: it is left out"),
	C(web_group, "family", family, families, "protocol family that the program names"),
	K(web_group, "address", ADDRESS, conf.addr, "it listens on"),
	R(web_group, "port", COUNT, conf.port, 1, 65535, "it listens on"),
	R(web_group, "backlog", COUNT, conf.backlog, 1, 65535, "of listen()"),
	C(web_group, "model", conf.model, web_models, "a process per connection, or a fixed set"),
	R(web_group, "workers", COUNT, conf.workers, 1, 100000, "processes at most"),
	R(web_group, "write_size", BYTES, conf.write_size, 1, 1e9, "of one write()"),
	K(web_group, "access_log", BOOL, conf.access_log, "a line for each request"),
	K(web_group, "sendfile", BOOL, conf.sendfile, "send bodies with sendfile()"),
};

static const struct key specweb_keys[] = {
	K(specweb_group, "enabled", BOOL, enabled, "no: they are left out"),
	K(specweb_group, "peers", NAMES, peers, "peer groups that the clients run on"),
	K(specweb_group, "targets", NAMES, targets, "interfaces that they ask, in turn"),
	R(specweb_group, "offered", PER_SECOND, offered, 0, 1e6,
	  "requests that the connections offer; 0/s: `connections` counts"),
	R(specweb_group, "connections", COUNT, conf.connections, 1, 1e6, "simultaneous"),
	R(specweb_group, "directories", COUNT, conf.directories, 0, FILES_MAX_DIRECTORIES,
	  "0: SPECweb99's rule"),
	R(specweb_group, "class0", SHARE, class_share[0], 0, 1, "requests for files of 0.1 KiB steps"),
	R(specweb_group, "class1", SHARE, class_share[1], 0, 1, "requests for files of 1 KiB steps"),
	R(specweb_group, "class2", SHARE, class_share[2], 0, 1, "requests for files of 10 KiB steps"),
	R(specweb_group, "class3", SHARE, class_share[3], 0, 1, "requests for files of 100 KiB steps"),
	R(specweb_group, "line_speed", RATE, conf.line_speed, 0, 1e12,
	  "a connection reads at most; 0bit/s: as it comes"),
	R(specweb_group, "ramp", TIME, conf.ramp, 0, DAY, "connections start spread over this"),
	R(specweb_group, "timeout", TIME, conf.timeout, SIM_MS, DAY, "without progress: an error"),
	R(specweb_group, "port", COUNT, conf.port, 1, 65535, "of the server"),
	K(specweb_group, "verify", BOOL, conf.verify, "check each byte"),
};

static const struct key sendbench_keys[] = {
	K(sendbench_group, "host", TEXT, host, "the host that runs it"),
	K(sendbench_group, "enabled", BOOL, enabled, "no: it is left out"),
	C(sendbench_group, "family", family, families, "protocol family that the program names"),
	K(sendbench_group, "peer", TEXT, peer, "peer group whose first machine is the sink"),
	R(sendbench_group, "port", COUNT, conf.port, 1, 65535, "of the sink"),
	R(sendbench_group, "sends", COUNT, conf.sends, 1, 1e7, "calls of send() in a repetition"),
	R(sendbench_group, "repetitions", COUNT, conf.repetitions, 1, 1000, "repetitions"),
	R(sendbench_group, "message", BYTES, conf.message, 1, 1 << 20, "bytes of one send()"),
	K(sendbench_group, "nodelay", BOOL, conf.nodelay, "TCP_NODELAY"),
	R(sendbench_group, "gap", TIME, conf.gap, 0, DAY, "pause between two repetitions"),
};

static const struct key streaming_keys[] = {
	K(streaming_group, "host", TEXT, host, "the host that serves"),
	K(streaming_group, "enabled", BOOL, enabled, "no: it is left out"),
	C(streaming_group, "family", family, families, "protocol family that the program names"),
	K(streaming_group, "peers", NAMES, peers, "peer groups that the viewers run on"),
	K(streaming_group, "targets", NAMES, targets, "interfaces that they ask, in turn"),
	K(streaming_group, "group", ADDRESS, conf.group, "one stream for all, by UDP; none: one each"),
	K(streaming_group, "address", ADDRESS, conf.addr, "the server listens on"),
	R(streaming_group, "port", COUNT, conf.port, 1, 65535, "the server listens on"),
	R(streaming_group, "rate", RATE, conf.bits_per_s, 1e3, 1e12, "of one stream"),
	R(streaming_group, "chunk", TIME, conf.chunk, SIM_US, 10 * SIM_S, "between two writes"),
	R(streaming_group, "prebuffer", TIME, conf.prebuffer, 0, DAY, "play-out starts with this much"),
	R(streaming_group, "viewers", COUNT, conf.viewers, 1, 100000, "viewers"),
	R(streaming_group, "ramp", TIME, conf.ramp, 0, DAY, "viewers arrive spread over this"),
};

static const struct key fetch_keys[] = {
	K(fetch_group, "enabled", BOOL, enabled, "no: it is left out"),
	K(fetch_group, "peer", TEXT, peer, "peer group whose first machine fetches"),
	K(fetch_group, "target", TEXT, target, "interface that it asks"),
	R(fetch_group, "port", COUNT, conf.port, 1, 65535, "of the server"),
	K(fetch_group, "fileset", TEXT, fileset, "the fileset group whose file it fetches"),
	K(fetch_group, "path", TEXT, path, "instead of a fileset: a path, its bytes not checked"),
	R(fetch_group, "start", TIME, start, 0, DAY, "when"),
	R(fetch_group, "times", COUNT, conf.times, 1, 1e6, "how often"),
	R(fetch_group, "line_speed", RATE, conf.line_speed, 0, 1e12, "0bit/s: as it comes"),
};

static const struct key program_keys[] = {
	K(program_group, "enabled", BOOL, enabled, "no: it is left out"),
	K(program_group, "machine", TEXT, machine, "the host that it runs on"),
	K(program_group, "text", TEXT, text, "the program, a line per call: docs/programs.md"),
	R(program_group, "at", TIME, at, 0, DAY, "when it starts"),
	K(program_group, "background", BOOL, background, "yes: it need not come to its end"),
};

static const struct key run_keys[] = {
	K(run_group, "enabled", BOOL, enabled, "no: it is left out"),
	K(run_group, "machine", TEXT, machine, "the host that it runs on"),
	K(run_group, "command", TEXT, command, "ifconfig, route, arp, netstat, sopstat"),
	R(run_group, "at", TIME, at, 0, DAY, "when"),
};

const char *const event_actions[] = {"load", "unload", "fail",   "remove",
                                     "slow", "lie",    "insert", NULL};

static const struct key event_keys[] = {
	K(event_group, "enabled", BOOL, enabled, "no: it is left out"),
	R(event_group, "at", TIME, at, 0, DAY, "when"),
	C(event_group, "do", action, event_actions, "what happens"),
	K(event_group, "target", TEXT, target, "to the sop group or the card"),
	R(event_group, "factor", FACTOR, factor, 0.001, 1e6, "slow: multiplies the firmware's costs"),
	C(event_group, "lie", lie, comm_fault_names, "lie: what the card shows the host from then on"),
	R(event_group, "time", TIME, time, SIM_NS, DAY, "lie: how late completions are, how often it interrupts"),
	C(event_group, "expect", expect, event_outcomes, "the result of load and unload"),
};

static const struct key echo_keys[] = {
	K(echo_group, "enabled", BOOL, enabled, "no: it is left out"),
	K(echo_group, "peer", TEXT, peer, "peer group whose first machine it is"),
	C(echo_group, "mode", mode, echo_modes, "what it does"),
	K(echo_group, "target", TEXT, target, "interface that a client asks"),
	K(echo_group, "address", ADDRESS, conf.addr, "or its address"),
	K(echo_group, "group", ADDRESS, conf.group, "that the machine joins (UDP); none: of none"),
	R(echo_group, "ttl", COUNT, conf.ttl, 0, 255, "of what it sends to groups"),
	R(echo_group, "port", COUNT, conf.port, 1, 65535, "of the server"),
	R(echo_group, "local_port", COUNT, conf.local_port, 0, 65535, "of the client; 0: any"),
	R(echo_group, "bytes", BYTES, conf.bytes, 0, 1e8, "of a message"),
	K(echo_group, "answer", BOOL, conf.answer, "as many bytes must come back"),
	R(echo_group, "times", COUNT, conf.times, 1, 1e6, "messages"),
	R(echo_group, "connections", COUNT, conf.connections, 1, 1e6, "one after the other"),
	R(echo_group, "start", TIME, conf.start, 0, DAY, "of a client"),
	R(echo_group, "interval", TIME, conf.interval, 0, DAY, "between two messages"),
	R(echo_group, "timeout", TIME, conf.timeout, SIM_US, DAY, "of a connection or an answer"),
	C(echo_group, "expect", expect, echo_outcomes, "how a client's connection ends"),
	K(echo_group, "quiet", BOOL, conf.quiet, "yes: tell the first and the last message only"),
};

static const struct key oplat_keys[] = {
	K(oplat_group, "host", TEXT, host, "the host that runs it"),
	K(oplat_group, "enabled", BOOL, enabled, "no: it is left out"),
	C(oplat_group, "family", family, families, "protocol family that the program names"),
	K(oplat_group, "peer", TEXT, peer, "peer group whose first machine answers and calls"),
	K(oplat_group, "target", TEXT, target, "interface that it calls"),
	R(oplat_group, "port", COUNT, conf.port, 1, 65535, "of both sides' servers"),
	R(oplat_group, "rounds", COUNT, conf.rounds, 1, 1e6, "each operation is timed that often"),
	R(oplat_group, "exchanges", COUNT, conf.exchanges, 0, 1e7, "datagram request-reply pairs"),
	R(oplat_group, "idle", TIME, conf.idle, 0, DAY, "a receive waits in vain for this long"),
	R(oplat_group, "message", BYTES, conf.message, 1, 1400, "of a send"),
};

static const struct key config_keys[] = {
	K(config_group, "label", TEXT, label, "name in figures"),
};

static const struct key experiment_keys[] = {
	K(experiment_group, "title", TEXT, title, "name in figures"),
	K(experiment_group, "enabled", BOOL, enabled, "no: it is left out"),
	K(experiment_group, "configs", NAMES, configs, "config groups that it runs"),
	K(experiment_group, "load", TEXT, load, "GROUP.KEY that a load point sets, in /s"),
	K(experiment_group, "offered", NUMBERS, offered, "load points, requests per second"),
	K(experiment_group, "quick_offered", NUMBERS, quick_offered, "load points of --quick"),
};

static const struct key calibrate_keys[] = {
	K(calibrate_group, "parameter", TEXT, parameter, "GROUP.KEY that is fitted"),
	K(calibrate_group, "experiment", TEXT, experiment, "experiment that measures"),
	K(calibrate_group, "config", TEXT, config, "config that is measured"),
	K(calibrate_group, "measure", TEXT, measure, "name of the measure"),
	K(calibrate_group, "target", FACTOR, target, "the paper's value"),
	K(calibrate_group, "tolerance", FACTOR, tolerance, "difference that is small enough"),
	K(calibrate_group, "low", TEXT, low, "least plausible value of the parameter"),
	K(calibrate_group, "high", TEXT, high, "largest plausible value of the parameter"),
	R(calibrate_group, "round", COUNT, order, 0, 100, "groups of one round are fitted in turn"),
};

/* --- defaults -------------------------------------------------------------------------------- */

static void init_scenario(void *conf) {
	struct scenario_group *g = conf;

	g->limit = 3600 * SIM_S;
}

static void init_host(void *conf) {
	struct host_group *g = conf;

	kernel_conf_default(&g->conf);
	g->costs = g_strdup("cost");
}

static void init_pci(void *conf) {
	struct pci_group *g = conf;

	pci_conf_default(&g->conf);
	g->host = g_strdup("server");
}

static void init_nic(void *conf) {
	struct nic_group *g = conf;

	nic_conf_default(&g->conf);
	g->bus = g_strdup("pci0");
	g->plugged = true;
}

static void init_toe(void *conf) {
	struct toe_group *g = conf;

	toe_conf_default(&g->conf);
	g->bus = g_strdup("pci0");
	g->costs = g_strdup("toecost");
	g->stack = 1;
	g->plugged = true;
}

static void init_peer(void *conf) {
	struct peer_group *g = conf;

	g->count = 1;
	g->mtu = FRAME_MTU;
	net_params_preset(&g->net, stacks[0]);
}

static void init_network(void *conf) {
	struct network_group *g = conf;

	g->link.bits_per_s = 1000000000;
	g->link.propagation = SIM_US;
	g->switch_latency = 10 * SIM_US;
}

static void init_sop(void *conf) {
	struct sop_group *g = conf;

	sop_conf_default(&g->conf);
	g->host = g_strdup("server");
	g->loaded = true;
}

static void init_fileset(void *conf) {
	struct fileset_group *g = conf;

	g->host = g_strdup("server");
	g->seed = 1;
}

static void init_web(void *conf) {
	struct web_group *g = conf;

	web_conf_default(&g->conf);
	g->host = g_strdup("server");
	g->enabled = true;
}

static void init_specweb(void *conf) {
	struct specweb_group *g = conf;

	specweb_conf_default(&g->conf);
	memcpy(g->class_share, g->conf.mix, sizeof g->class_share);
	g->enabled = true;
}

static void init_sendbench(void *conf) {
	struct sendbench_group *g = conf;

	sendbench_conf_default(&g->conf);
	g->host = g_strdup("server");
	g->enabled = true;
}

static void init_streaming(void *conf) {
	struct streaming_group *g = conf;

	streaming_conf_default(&g->conf);
	g->host = g_strdup("server");
	g->enabled = true;
}

static void init_fetch(void *conf) {
	struct fetch_group *g = conf;

	g->conf.port = 80;
	g->conf.times = 1;
	g->start = CLIENT_START;
	g->enabled = true;
}

static void init_oplat(void *conf) {
	struct oplat_group *g = conf;

	oplat_conf_default(&g->conf);
	g->host = g_strdup("server");
	g->enabled = true;
}

static void init_experiment(void *conf) { ((struct experiment_group *)conf)->enabled = true; }

static void init_program(void *conf) {
	struct program_group *g = conf;

	g->machine = g_strdup("server");
	g->enabled = true;
}

static void init_run(void *conf) {
	struct run_group *g = conf;

	g->machine = g_strdup("server");
	g->enabled = true;
}

static void init_event(void *conf) {
	struct event_group *g = conf;

	g->factor = 1;
	g->lie = COMM_FAULT_WRONG_COMMAND;
	g->time = SIM_MS;
	g->enabled = true;
}

static void init_echo(void *conf) {
	struct echo_group *g = conf;

	echo_conf_default(&g->conf);
	g->mode = g->conf.mode;
	g->enabled = true;
}

/* --- the types ------------------------------------------------------------------------------- */

#define TYPE(id, word, text, init_fn, net_at, with_name)                                           \
	[TYPE_##id] = {                                                                            \
		#word, text, sizeof(struct word##_group), word##_keys, G_N_ELEMENTS(word##_keys),  \
		init_fn, net_at, with_name,                                                        \
	}

const struct type lab_types[TYPE_COUNT] = {
	TYPE(SCENARIO, scenario, "the scenario as a whole", init_scenario, 0, false),
	TYPE(HOST, host, "a machine with a processor and a kernel", init_host,
	     offsetof(struct host_group, conf.net), false),
	TYPE(COST, cost, "costs of a host processor", NULL, 0, false),
	TYPE(PCI, pci, "a PCI bus", init_pci, 0, false),
	TYPE(NIC, nic, "an Ethernet card", init_nic, 0, false),
	TYPE(TOE, toe, "an offload card", init_toe, offsetof(struct toe_group, conf.net), false),
	TYPE(TOECOST, toecost, "costs of a card's processor", NULL, 0, false),
	TYPE(PEER, peer, "machines that are not the object of study", init_peer,
	     offsetof(struct peer_group, net), false),
	TYPE(TAP, tap, "a TAP device of this machine (sopsim live)", NULL, 0, false),
	TYPE(NETWORK, network, "a wire or a switch", init_network, 0, false),
	TYPE(SOP, sop, "the SOP module", init_sop, 0, false),
	TYPE(FILESET, fileset, "files on a host", init_fileset, 0, false),
	TYPE(WEB, web, "a web server", init_web, 0, false),
	TYPE(SPECWEB, specweb, "SPECweb99 clients", init_specweb, 0, false),
	TYPE(SENDBENCH, sendbench, "the send benchmark", init_sendbench, 0, false),
	TYPE(STREAMING, streaming, "a multimedia server and its viewers", init_streaming, 0, false),
	TYPE(FETCH, fetch, "a client that fetches a file", init_fetch, 0, false),
	TYPE(OPLAT, oplat, "times each operation of a socket", init_oplat, 0, false),
	TYPE(PROGRAM, program, "a program as text", init_program, 0, true),
	TYPE(RUN, run, "a command", init_run, 0, true),
	TYPE(EVENT, event, "something that happens to a card or the SOP module", init_event, 0, true),
	TYPE(ECHO, echo, "a peer that echoes or asks", init_echo, 0, true),
	TYPE(CONFIG, config, "a named set of changes", NULL, 0, true),
	TYPE(EXPERIMENT, experiment, "runs of several configs", init_experiment, 0, true),
	TYPE(CALIBRATE, calibrate, "a parameter to be fitted", NULL, 0, true),
};

const struct type *type_find(const char *name) {
	for (size_t i = 0; i < TYPE_COUNT; i++)
		if (g_str_equal(lab_types[i].name, name))
			return &lab_types[i];
	return NULL;
}

const struct key *type_key(const struct type *type, const char *name) {
	for (size_t i = 0; i < type->n_keys; i++)
		if (g_str_equal(type->keys[i].name, name))
			return &type->keys[i];
	return NULL;
}
