/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The NIC and its driver: rings, doorbells, interrupts, NAPI, and what it all costs. */
#include "run_suite.h"
#include "storm.h"

/* --- a host that sends datagrams -------------------------------------------------------------------- */

struct blast {
	unsigned count, socks; /* the datagrams leave by so many sockets in turn; 0: one */
	size_t size;
	unsigned net;
};
static struct blast blast;

static int blast_main(struct task *me, void *arg) {
	struct sockaddr_in to = inet_address(blast.net ? "10.0.1.2" : "10.0.0.2", PORT);
	unsigned socks = MAX(blast.socks, 1);
	uint8_t buf[1472] = {0};
	int fd[20];

	for (unsigned i = 0; i < socks; i++)
		fd[i] = sys_socket(me, AF_INET, SOCK_DGRAM, 0);
	for (unsigned i = 0; i < blast.count; i++) {
		memcpy(buf, &i, sizeof i);
		ck_assert_int_eq(sys_sendto(me, fd[i % socks], buf, blast.size, 0,
		                            (struct sockaddr *)&to, sizeof to),
		                 (ssize_t)blast.size);
	}
	for (unsigned i = 0; i < socks; i++)
		sys_close(me, fd[i]);
	PROGRAM_END((struct net_world *)arg);
}

/* A peer that counts datagrams and looks at their order. */
struct sink {
	struct peer_sock ps; /* first */
	unsigned got, next;
	bool ordered;
};

static void sink_event(struct peer_sock *ps, unsigned events) {
	struct sink *sink = (struct sink *)ps;
	uint8_t buf[1500];

	(void)events;
	for (;;) {
		struct iovec iov = {buf, sizeof buf};
		struct net_msg msg = {.iov = &iov, .iovlen = 1};
		unsigned number;

		if (net_recv(ps->so, &msg) <= 0)
			return;
		memcpy(&number, buf, sizeof number);
		sink->ordered &= number >= sink->next;
		sink->next = number + 1;
		sink->got++;
	}
}

static void sink_open(struct sink *sink, unsigned net) {
	int size = 4 << 20;

	*sink = (struct sink){.ps.event = sink_event, .ordered = true};
	ck_assert_int_eq(peer_open(w.peer[net], SOCK_DGRAM, &sink->ps), 0);
	ck_assert_int_eq(net_bind(sink->ps.so, INADDR_ANY, PORT), 0);
	net_setopt(sink->ps.so, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

START_TEST(all_frames_leave_in_order) {
	struct sink sink;

	net_world_init(&w, NULL);
	net_world_costs(&w);
	sink_open(&sink, 0);
	net_world_know_each_other(&w, 0);
	blast = (struct blast){.count = 1000, .size = 1000};
	net_world_run(&w, blast_main);
	ck_assert_uint_eq(sink.got, 1000);
	ck_assert(sink.ordered);
	ck_assert_uint_eq(counters(0).tx_frames, 1000);
	ck_assert_uint_eq(counters(0).tx_ring_full, 0);
	ck_assert_uint_ge(counters(0).irqs, 1000 / 32);
	ck_assert_uint_eq(nic_netdev(w.nic[0])->tx_packets, 1000);
	ck_assert_uint_ge(w.k->costs.account[COST_NIC_TX_CLEAN].charges, 1000 - 256);
	ck_assert_uint_eq(w.k->costs.account[COST_NIC_TX].charges, 1000);
	net_world_free(&w);
}
END_TEST

/* A processor without costs is faster than the wire, and the sockets' send buffers hold what the queues
 * cannot: the ring fills, the queue in front of it too, what is too much is counted, and nothing of it
 * gets stuck. */
START_TEST(transmit_ring_and_queue_fill) {
	struct nic_conf conf;
	struct sink sink;

	nic_conf_default(&conf);
	conf.tx_ring = 16;
	conf.tx_irq_every = _i ? 4 : 0;
	net_world_init(&w, &conf);
	sink_open(&sink, 0);
	net_world_know_each_other(&w, 0);
	blast = (struct blast){.count = 500, .socks = 20, .size = 1400};
	net_world_run(&w, blast_main);
	struct net_device *dev = nic_netdev(w.nic[0]);
	ck_assert_uint_eq(dev->tx_dropped, 500 - 16 - 100);
	ck_assert_uint_eq(dev->tx_packets, 116);
	ck_assert_uint_eq(counters(0).tx_frames, 116);
	ck_assert_uint_gt(counters(0).tx_ring_full, 0);
	ck_assert_uint_eq(sink.got, 116);
	ck_assert(sink.ordered);
	net_world_free(&w);
}
END_TEST

/* Doorbells that one reclaimed ring lets go at one instant wait for the bridge together: the processor
 * stalls for the longest of them.  The bridge holds 4 writes of 31 clocks of 66 MHz, so n of them
 * stall it for (n - 4) x 0.47 us at most; with a third of it for each the sum would be quadratic.
 * Closed form: what the processor stalls in all is never more than what its writes take of the bus. */
START_TEST(doorbells_of_an_instant_stall_once) {
	struct cost_account *writes;
	struct pci_usage usage;
	struct sink sink;

	net_world_init(&w, NULL);
	sink_open(&sink, 0);
	net_world_know_each_other(&w, 0);
	kernel_set_cost(w.k, "udp_sendmsg", (struct cost_value){200 * SIM_NS, 0});
	blast = (struct blast){.count = 5000, .size = 18};
	net_world_run(&w, blast_main);
	writes = &w.k->costs.account[COST_MMIO_WRITE];
	pci_bus_usage(w.bus, &usage);
	ck_assert_int_gt(writes->time, 0);
	ck_assert_int_le(writes->time, usage.busy);
	net_world_free(&w);
}
END_TEST

/* Slow arrivals: an interrupt each, with NAPI and without; and every charge is in an account. */
START_TEST(interrupt_for_each_slow_frame) {
	struct nic_conf conf;
	struct storm storm;

	nic_conf_default(&conf);
	conf.napi = _i == 0;
	net_world_init(&w, &conf);
	net_world_costs(&w);
	net_world_know_each_other(&w, 0);
	storm_start(&storm, 0, 100, SIM_MS, 500);
	net_world_run(&w, receive_main);
	ck_assert_uint_eq(received, 100);
	ck_assert_uint_eq(counters(0).rx_frames, 100);
	ck_assert_uint_eq(counters(0).irqs, 100);
	ck_assert_uint_eq(w.k->costs.account[COST_UDP_RX].charges, 100);
	ck_assert_uint_eq(w.k->costs.account[COST_NIC_RX].charges, 100);
	ck_assert_uint_eq(net_world_accounted(&w), net_world_busy(&w));
	net_world_free(&w);
}
END_TEST

/* A processor that takes longer for a frame than the wire stays in its poll. */
START_TEST(napi_saves_interrupts) {
	struct nic_conf conf;
	struct storm storm;
	nic_conf_default(&conf);
	net_world_init(&w, &conf);
	net_world_costs(&w);
	kernel_set_cost(w.k, "udp_rx", (struct cost_value){14 * SIM_US, 0});
	net_world_know_each_other(&w, 0);
	storm_start(&storm, 0, 2000, 13 * SIM_US, 1400);
	net_world_run(&w, receive_main);
	ck_assert_uint_lt(counters(0).irqs, 100);
	net_world_free(&w);
}
END_TEST

/* Pairs of frames, the second ever later after the first: wherever in handler, poll and the enabling
 * of interrupts it falls, it is not forgotten. */
static unsigned pair_frames;

static void pair_tick(void *arg) {
	struct storm *storm = arg;
	bool first = pair_frames % 2 == 0;

	if (first)
		ck_assert_uint_eq(nic_netdev(w.nic[0])->rx_packets, pair_frames);
	pair_frames++;
	storm->gap = first ? pair_frames * 25 * SIM_NS : 2 * SIM_MS;
	storm_tick(storm);
}

START_TEST(no_frame_is_forgotten) {
	struct storm storm;

	net_world_init(&w, NULL);
	net_world_costs(&w);
	net_world_know_each_other(&w, 0);
	storm_start(&storm, 0, 2000, 0, 100);
	storm.tick.fn = pair_tick;
	net_world_run(&w, receive_main);
	ck_assert_uint_eq(received, 2000);
	net_world_free(&w);
}
END_TEST

START_TEST(throttle_spaces_interrupts) {
	struct nic_conf conf;
	struct storm storm;

	nic_conf_default(&conf);
	conf.irq_throttle = 250 * SIM_US;
	net_world_init(&w, &conf);
	net_world_know_each_other(&w, 0);
	storm_start(&storm, 0, 1000, 50 * SIM_US, 200);
	net_world_run(&w, receive_main);
	ck_assert_uint_eq(received, 1000);
	ck_assert_uint_ge(counters(0).irqs, 190);
	ck_assert_uint_le(counters(0).irqs, 202); /* 50 ms / 250 us */
	net_world_free(&w);
}
END_TEST

/* A host that is slower than the wire runs out of receive buffers, and recovers. */
START_TEST(receive_ring_overflows) {
	struct nic_conf conf;
	struct storm storm;

	nic_conf_default(&conf);
	conf.rx_ring = 32;
	net_world_init(&w, &conf);
	net_world_costs(&w);
	kernel_set_cost(w.k, "udp_rx", (struct cost_value){40 * SIM_US, 0});
	net_world_know_each_other(&w, 0);
	storm_start(&storm, 0, 1000, 13 * SIM_US, 1400);
	net_world_run(&w, receive_main);
	struct nic_counters c = counters(0);
	ck_assert_uint_gt(c.rx_dropped, 300);
	ck_assert_uint_eq(c.rx_frames + c.rx_dropped, 1000);
	ck_assert_uint_eq(nic_netdev(w.nic[0])->rx_packets, c.rx_frames);
	net_world_free(&w);
}
END_TEST

/* A burst against a short ring: what has no buffer yet waits in the FIFO of 48 KiB, which holds 819 frames
 * of 60 bytes, so none of 100 is lost. */
START_TEST(a_burst_waits_in_the_fifo) {
	struct nic_conf conf;
	struct storm storm;

	nic_conf_default(&conf);
	conf.rx_ring = 16;
	net_world_init(&w, &conf);
	net_world_costs(&w);
	net_world_know_each_other(&w, 0);
	storm_start(&storm, 0, 100, SIM_US, 18);
	net_world_run(&w, receive_main);
	ck_assert_uint_eq(counters(0).rx_dropped, 0);
	ck_assert_uint_eq(received, 100);
	net_world_free(&w);
}
END_TEST

/* Without NAPI the softirq's queue is bounded: netdev_max_backlog. */
START_TEST(backlog_is_bounded) {
	struct nic_conf conf;
	struct storm storm;

	nic_conf_default(&conf);
	conf.napi = false;
	conf.rx_ring = 1024;
	net_world_init(&w, &conf);
	net_world_costs(&w);
	kernel_set_cost(w.k, "udp_rx", (struct cost_value){100 * SIM_US, 0});
	kernel_set_cost(w.k, "irq", (struct cost_value){SIM_US, 0});
	net_world_know_each_other(&w, 0);
	storm_start(&storm, 0, 1000, 13 * SIM_US, 1000);
	net_world_run(&w, receive_main);
	struct net_device *dev = nic_netdev(w.nic[0]);
	ck_assert_uint_gt(dev->rx_dropped, 100);
	ck_assert_uint_eq(dev->rx_packets + dev->rx_dropped, 1000);
	net_world_free(&w);
}
END_TEST

/* Two cards on one line: both are served, each pass reads both cause registers. */
START_TEST(shared_line) {
	struct nic_conf conf;
	struct storm storm[2];

	nic_conf_default(&conf);
	conf.napi = _i == 0;
	net_world_init(&w, &conf);
	conf.name = "eth1";
	conf.mac[5] = 2;
	net_world_card(&w, 1, &conf);
	net_world_costs(&w);
	net_world_know_each_other(&w, 0);
	net_world_know_each_other(&w, 1);
	storm_start(&storm[0], 0, 300, 100 * SIM_US, 200);
	storm_start(&storm[1], 1, 300, 103 * SIM_US, 200);
	net_world_run(&w, receive_main);
	struct cpu_usage usage;
	cpu_usage_get(w.k, &usage);
	ck_assert_uint_eq(received, 600);
	ck_assert_uint_ge(counters(0).irqs, 200);
	ck_assert_uint_ge(counters(1).irqs, 200);
	/* one charge a read, a read of each card; the stall belongs to it */
	ck_assert_uint_eq(w.k->costs.account[COST_MMIO_READ].charges, 2 * usage.hardirqs);
	struct pci_usage bus;
	pci_bus_usage(w.bus, &bus);
	ck_assert_uint_eq(bus.reads, 2 * usage.hardirqs);
	ck_assert_uint_eq(net_world_accounted(&w), net_world_busy(&w));
	net_world_free(&w);
}
END_TEST

/* A register is read when the processor has come to it: the bus carries a read only while the
 * processor stalls for one, behind the entry's 5 us and the other card's handler. */
enum { READS_SEEN = 1000 };
static struct {
	sim_time start, end;
} bus_reads[READS_SEEN], stalls[READS_SEEN];
static unsigned n_bus_reads, n_stalls;

static void see_span(void *arg, const struct sim_track *track, const char *layer, const char *name,
                     sim_time start, sim_time end, sim_flow flow) {
	(void)arg, (void)track, (void)flow;
	if (!layer)
		return;
	if (g_str_equal(layer, "pci") && g_str_equal(name, "read") && n_bus_reads < READS_SEEN) {
		bus_reads[n_bus_reads].start = start;
		bus_reads[n_bus_reads++].end = end;
	} else if (g_str_equal(name, "mmio_read") && n_stalls < READS_SEEN) {
		bool goes_on = n_stalls && stalls[n_stalls - 1].end == start;

		n_stalls += !goes_on;
		if (!goes_on)
			stalls[n_stalls - 1].start = start;
		stalls[n_stalls - 1].end = end;
	}
}

static bool in_a_stall(sim_time start, sim_time end) {
	for (unsigned i = 0; i < n_stalls; i++)
		if (stalls[i].start <= start && end <= stalls[i].end)
			return true;
	return false;
}

START_TEST(reads_take_the_bus_when_the_cpu_stalls) {
	struct nic_conf conf;
	struct storm storm[2];
	struct sim_sink sink = {.span = see_span};

	n_bus_reads = n_stalls = 0;
	nic_conf_default(&conf);
	net_world_init(&w, &conf);
	conf.name = "eth1";
	conf.mac[5] = 2;
	net_world_card(&w, 1, &conf);
	net_world_costs(&w);
	net_world_know_each_other(&w, 0);
	net_world_know_each_other(&w, 1);
	storm_start(&storm[0], 0, 300, 100 * SIM_US, 200);
	storm_start(&storm[1], 1, 300, 103 * SIM_US, 200);
	sim_sink_add(w.sim, &sink);
	net_world_run(&w, receive_main);
	ck_assert_uint_gt(n_bus_reads, 100);
	for (unsigned i = 0; i < n_bus_reads; i++)
		ck_assert(in_a_stall(bus_reads[i].start, bus_reads[i].end));
	net_world_free(&w);
}
END_TEST

/* The way of a frame: nothing leaves before its charges are worked off and its DMA is done. */
static sim_time sent_at;

static void tap(void *arg, const struct frame *frame, bool tx) {
	(void)arg, (void)frame;
	if (tx && !sent_at)
		sent_at = sim_now(w.sim);
}

static int one_main(struct task *me, void *arg) {
	blast = (struct blast){.count = 1, .size = 1000};
	return blast_main(me, arg);
}

START_TEST(a_frame_pays_before_it_leaves) {
	sim_time cpu, least;

	net_world_init(&w, NULL);
	net_world_costs(&w);
	net_world_know_each_other(&w, 0);
	port_tap(link_port(w.link[0], 0), tap, NULL);
	net_world_run(&w, one_main);
	/* socket(): no dispatch; sendto(): dispatch, sendmsg, copy, segment, driver, doorbell */
	cpu = (700 + 2000 + 700 + 1200 + 4000 + 4500 + 8000 + 500 + 400) * SIM_NS;
	least = cpu + 4 * SIM_US; /* posted write 0.67 us, fetching 1,058 bytes 4..5 us */
	ck_assert_int_ge(sent_at, least);
	ck_assert_int_le(sent_at, least + 5 * SIM_US);
	net_world_free(&w);
}
END_TEST

/* How many events of the timeline a frame takes: the simulator's speed hangs on it.  The counts hold
 * the other end of the wire and the program too: received under load, received slowly (an interrupt
 * whose read of the cause arrives half-way of its stall, a wake-up, a switch from idle and one to it
 * each), sent. */
START_TEST(events_per_frame) {
	static const double most[] = {6.0, 17.5, 4.5};
	struct storm storm;
	struct sink sink;

	net_world_init(&w, NULL);
	net_world_costs(&w);
	net_world_know_each_other(&w, 0);
	if (_i < 2) {
		if (_i == 0)
			kernel_set_cost(w.k, "udp_rx", (struct cost_value){14 * SIM_US, 0});
		storm_start(&storm, 0, 5000, _i ? 100 * SIM_US : 13 * SIM_US, 1400);
		net_world_run(&w, receive_main);
	} else {
		sink_open(&sink, 0);
		blast = (struct blast){.count = 5000, .size = 1400};
		net_world_run(&w, blast_main);
	}
	double events = (double)sim_events_run(w.sim) / 5000;
	ck_assert_msg(events < most[_i], "%.2f events per frame", events);
	net_world_free(&w);
}
END_TEST

START_TEST(bad_configurations) {
	struct nic_conf conf;
	struct link_conf lc = {.name = "spare", .bits_per_s = 1000000000};
	struct link *link;

	net_world_init(&w, NULL);
	link = link_new(w.sim, &lc);
	nic_conf_default(&conf);
	ck_assert_ptr_null(nic_new(w.k, w.bus, link_port(link, 0), &conf)); /* eth0 is taken */
	conf.name = "eth5";
	conf.irq = 32;
	ck_assert_ptr_null(nic_new(w.k, w.bus, link_port(link, 0), &conf));
	conf.irq = 3;
	conf.rx_ring = 2;
	ck_assert_ptr_null(nic_new(w.k, w.bus, link_port(link, 0), &conf));
	link_free(link);
	net_world_free(&w);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("nic");
	TCase *tc = tcase_create("nic");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, all_frames_leave_in_order);
	tcase_add_loop_test(tc, transmit_ring_and_queue_fill, 0, 2);
	tcase_add_test(tc, doorbells_of_an_instant_stall_once);
	tcase_add_loop_test(tc, interrupt_for_each_slow_frame, 0, 2);
	tcase_add_test(tc, napi_saves_interrupts);
	tcase_add_test(tc, no_frame_is_forgotten);
	tcase_add_test(tc, throttle_spaces_interrupts);
	tcase_add_test(tc, receive_ring_overflows);
	tcase_add_test(tc, a_burst_waits_in_the_fifo);
	tcase_add_test(tc, backlog_is_bounded);
	tcase_add_loop_test(tc, shared_line, 0, 2);
	tcase_add_test(tc, a_frame_pays_before_it_leaves);
	tcase_add_loop_test(tc, events_per_frame, 0, 3);
	tcase_add_test(tc, reads_take_the_bus_when_the_cpu_stalls);
	tcase_add_test(tc, bad_configurations);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
