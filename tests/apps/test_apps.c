/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs on a whole machine: NIC, wire, a peer at the other end. */
#include <check.h>
#include <errno.h>
#include <glib.h>
#include <math.h>
#include <stdlib.h>

#include "apps/fetch.h"
#include "apps/sendbench.h"
#include "apps/specweb.h"
#include "apps/streaming.h"
#include "apps/web.h"
#include "host/boot/boot.h"
#include "host/dev/nic.h"
#include "host/file/file.h"
#include "host/socket/syscalls.h"
#include "run_suite.h"
#include "script/script.h"

#define SERVER 0x0a000001U
#define CLIENT 0x0a000002U

static struct sim *sim;
static struct kernel *k;
static struct pci_bus *bus;
static struct link *wire;
static struct nic *nic;
static struct peer *peer;

static void irq(void *arg, unsigned line, bool high) { irq_level(arg, line, high); }

static void world_new(void) {
	struct link_conf lc = {.name = "wire", .bits_per_s = 1000000000, .propagation = SIM_US};
	struct kernel_conf kc;
	struct pci_conf pc;
	struct nic_conf nc;
	struct peer_conf peerc = {.name = "client",
	                          .addr = CLIENT,
	                          .netmask = 0xffffff00U,
	                          .mac = {2, 0, 0, 0, 0, 2}};

	sim = sim_new(1);
	kernel_conf_default(&kc);
	kc.name = "server";
	k = kernel_new(sim, &kc);
	pci_conf_default(&pc);
	bus = pci_bus_new(sim, "pci0", &pc);
	pci_bus_on_irq(bus, irq, k);
	wire = link_new(sim, &lc);
	nic_conf_default(&nc);
	nc.mac[0] = 2;
	nc.mac[5] = 1;
	nic = nic_new(k, bus, link_port(wire, 0), &nc);
	ck_assert_int_eq(dev_configure(k, "eth0", "10.0.0.1", "255.255.255.0"), 0);
	net_params_preset(&peerc.params, "linux-2.4");
	peer = peer_new(sim, &peerc, link_port(wire, 1));
}

static void world_free(void) {
	peer_free(peer);
	nic_free(nic);
	pci_bus_free(bus);
	kernel_free(k);
	link_free(wire);
	sim_free(sim);
	frame_pool_drain();
}

static struct fetch_result fetch_one(const char *path, uint64_t key, unsigned times) {
	struct fetch_conf conf = {
		.addr = SERVER, .port = 80, .path = path, .pattern_key = key, .times = times};
	struct fetch_result result;
	struct fetch *f = fetch_start(peer, &conf, NULL, NULL);

	sim_run(sim, 100 * SIM_S);
	fetch_result(f, &result);
	fetch_free(f);
	return result;
}

static struct web_server *web_with(enum web_model model, bool sendfile) {
	struct web_conf conf;

	web_conf_default(&conf);
	conf.model = model;
	conf.workers = model == WEB_FORK ? 1024 : 4;
	conf.sendfile = sendfile;
	return web_start(k, &conf);
}

static const struct {
	enum web_model model;
	bool sendfile;
} ways[] = {{WEB_FORK, false}, {WEB_PREFORK, false}, {WEB_FORK, true}};

START_TEST(web_server_serves_every_byte) {
	struct web_counters counters;

	world_new();
	fs_create_pattern(k, "/index.html", 300000, 7);
	struct web_server *web = web_with(ways[_i].model, ways[_i].sendfile);
	struct fetch_result r = fetch_one("/index.html", 7, 20);
	web_counters(web, &counters);
	ck_assert_int_eq(r.error, 0);
	ck_assert_uint_eq(r.done, 20);
	ck_assert_uint_eq(r.bytes, 20 * 300000);
	ck_assert_uint_eq(r.wrong, 0);
	ck_assert_uint_eq(counters.requests, 20);
	ck_assert_uint_eq(counters.body_bytes, 20 * 300000);
	web_free(web);
	world_free();
}
END_TEST

START_TEST(client_notices_wrong_bytes) {
	world_new();
	fs_create_pattern(k, "/index.html", 3000, 7);
	struct web_server *web = web_with(WEB_FORK, false);
	struct fetch_result r = fetch_one("/index.html", 8, 1);
	ck_assert_uint_gt(r.wrong, 0);
	web_free(web);
	world_free();
}
END_TEST

/* HTTP/1.0 on a line of one's own: GET, HEAD, and what the server does not implement. */
START_TEST(methods_of_http) {
	static const char text[] =
		"repeat 1 { sleep 10ms }\n"
		"s = socket(stream); connect(s, 127.0.0.1:80) = 0\n"
		"send(s, \"HEAD /f HTTP/1.0\\r\\n\\r\\n\")\n"
		"n = recv(s, 4096, MSG_WAITALL) has \"HTTP/1.0 200 OK\\r\\n\"\n"
		"close(s); s = socket(stream); connect(s, 127.0.0.1:80) = 0\n"
		"send(s, \"GET /f HTTP/1.0\\r\\n\\r\\n\")\n"
		"recv(s, 4096, MSG_WAITALL) = n + 1000\n"
		"close(s); s = socket(stream); connect(s, 127.0.0.1:80) = 0\n"
		"send(s, \"HEAD /f HTTP/1.0\\r\\n\\r\\n\")\n"
		"recv(s, 4096, MSG_WAITALL) has \"Content-Length: 1000\\r\\n\\r\\n\"\n"
		"close(s); s = socket(stream); connect(s, 127.0.0.1:80) = 0\n"
		"send(s, \"HEAD /g HTTP/1.0\\r\\n\\r\\n\")\n"
		"recv(s, 4096, MSG_WAITALL) has \"HTTP/1.0 404 \"\n"
		"close(s); s = socket(stream); connect(s, 127.0.0.1:80) = 0\n"
		"send(s, \"POST /f HTTP/1.0\\r\\n\\r\\n\")\n"
		"recv(s, 4096, MSG_WAITALL) has \"HTTP/1.0 501 Not Implemented\\r\\n\"\n"
		"close(s); s = socket(stream); connect(s, 127.0.0.1:80) = 0\n"
		"send(s, \"OPTIONS * HTTP/1.1\\r\\n\\r\\n\")\n"
		"recv(s, 4096, MSG_WAITALL) has \"HTTP/1.0 501 \"\n"
		"close(s); s = socket(stream); connect(s, 127.0.0.1:80) = 0\n"
		"send(s, \"G@T /f HTTP/1.0\\r\\n\\r\\n\")\n"
		"recv(s, 4096, MSG_WAITALL) has \"HTTP/1.0 400 \"\n"
		"close(s); s = socket(stream); connect(s, 127.0.0.1:80) = 0\n"
		"send(s, \"GET f HTTP/1.0\\r\\n\\r\\n\")\n"
		"recv(s, 4096, MSG_WAITALL) has \"HTTP/1.0 400 \"\n";
	struct script *script = script_read(text, NULL);
	struct script_result result;
	struct web_counters counters;

	world_new();
	fs_create_pattern(k, "/f", 1000, 7);
	struct web_server *web = web_with(WEB_FORK, _i);
	struct script_run *run = script_start(k, script, "client", 0, NULL, NULL, NULL);

	sim_run(sim, 10 * SIM_S);
	script_result(run, &result);
	web_counters(web, &counters);
	ck_assert_msg(result.finished && !result.failed, "%s", result.first_failure);
	ck_assert_uint_eq(counters.requests, 3);
	ck_assert_uint_eq(counters.body_bytes, 1000);
	ck_assert_uint_eq(counters.not_found, 1);
	ck_assert_uint_eq(counters.bad_requests, 4);
	script_run_free(run);
	script_drop(script);
	web_free(web);
	world_free();
}
END_TEST

START_TEST(missing_file_is_404) {
	world_new();
	struct web_server *web = web_with(WEB_FORK, false);
	struct fetch_result r = fetch_one("/none", 0, 1);
	ck_assert_int_eq(r.status, 404);
	ck_assert_uint_eq(r.failed, 1);
	web_free(web);
	world_free();
}
END_TEST

START_TEST(nobody_listens_is_refused) {
	world_new();
	struct fetch_result r = fetch_one("/", 0, 1);
	ck_assert_int_eq(r.error, -ECONNREFUSED);
	world_free();
}
END_TEST

START_TEST(access_log_has_a_line_per_request) {
	world_new();
	fs_create_pattern(k, "/a", 10, 7);
	struct web_server *web = web_with(WEB_FORK, false);
	fetch_one("/a", 7, 3);
	g_autoptr(GBytes) log = fs_content(k, "/var/log/access");
	ck_assert_ptr_nonnull(log);
	gsize size, lines = 0;
	const char *text = g_bytes_get_data(log, &size);
	for (gsize i = 0; i < size; i++)
		lines += text[i] == '\n';
	ck_assert_uint_eq(lines, 3);
	web_free(web);
	world_free();
}
END_TEST

/* --- SPECweb99 ------------------------------------------------------------------------------ */

START_TEST(specweb_sizes_and_directories) {
	ck_assert_uint_eq(specweb_file_size(0, 1), 102);
	ck_assert_uint_eq(specweb_file_size(0, 9), 921);
	ck_assert_uint_eq(specweb_file_size(1, 1), 1024);
	ck_assert_uint_eq(specweb_file_size(2, 9), 92160);
	ck_assert_uint_eq(specweb_file_size(3, 9), 921600);
	ck_assert_uint_eq(specweb_directories(214), 165);
	ck_assert_double_eq_tol(specweb_offered(214, 400000), 701.6, 0.1);
}
END_TEST

static struct specweb_result run_specweb(unsigned connections, sim_time time, unsigned *mean) {
	struct specweb_conf conf;
	struct specweb_result result;
	uint32_t target = SERVER;

	specweb_conf_default(&conf);
	conf.connections = connections;
	specweb_fileset(k, specweb_directories(connections));
	struct specweb *sw = specweb_start(sim, &peer, 1, &target, 1, &conf);
	sim_run(sim, time);
	specweb_result(sw, &result);
	*mean = (unsigned)(result.bytes / MAX(result.requests, 1));
	specweb_free(sw);
	return result;
}

START_TEST(specweb_offers_what_it_says_to_a_free_server) {
	unsigned mean;

	world_new();
	struct web_server *web = web_with(WEB_FORK, false);
	struct specweb_result r = run_specweb(30, 120 * SIM_S, &mean);
	double rate = (double)r.requests / sim_to_s(r.window);
	ck_assert_uint_eq(r.errors, 0);
	/* 117.8 kbit of body a request against the 122 kbit of the rule, and a few long files are
	 * still under way at the end. */
	ck_assert_double_eq_tol(rate, specweb_offered(30, 400000),
	                        0.06 * specweb_offered(30, 400000));
	ck_assert_double_eq_tol(mean, 14727, 0.05 * 14727);
	web_free(web);
	world_free();
}
END_TEST

/* --- send benchmark, streaming ------------------------------------------------------------------ */

static double named_us; /* what the cost accounts of a repetition add up to */

static void add_up_costs(void *arg, bool start) {
	(void)arg;
	if (start) {
		cpu_usage_reset(k);
		return;
	}
	for (size_t i = 0; i < k->costs.n; i++)
		named_us += sim_to_us(k->costs.account[i].time);
}

START_TEST(send_latency_is_the_sum_of_its_costs) {
	struct sendbench_conf conf;
	unsigned n;

	world_new();
	kernel_set_cost(k, "syscall", (struct cost_value){700 * SIM_NS, 0});
	kernel_set_cost(k, "tcp_sendmsg", (struct cost_value){4 * SIM_US, 0});
	kernel_set_cost(k, "copy_tx", (struct cost_value){0, 4500});
	struct sink *sink = sink_start(peer, 5001);
	sendbench_conf_default(&conf);
	conf.addr = CLIENT;
	conf.sends = 1000;
	struct sendbench *bench = sendbench_start(k, &conf, NULL, NULL);
	sendbench_watch(bench, add_up_costs, NULL);
	sim_run(sim, 100 * SIM_S);
	ck_assert_int_eq(sendbench_error(bench), 0);
	const double *latency = sendbench_latencies(bench, &n);
	ck_assert_uint_eq(n, 10);
	/* 0.7 + 4 + 256 x 4.5 ns, and the interrupts that fall into the loop: each a register read of
	 * the NIC, a stall of the bus's round trip. */
	double sum = 0;
	for (unsigned i = 0; i < n; i++)
		sum += latency[i] * conf.sends;
	ck_assert_double_eq_tol(sum, named_us, 1e-6 * sum);
	ck_assert_double_ge(sum, 10 * 5852.7);
	ck_assert_double_le(sum, 10 * 6300.0);
	ck_assert_uint_eq(sink_bytes(sink), 10 * 1000 * 256);
	sendbench_free(bench);
	sink_free(sink);
	world_free();
}
END_TEST

START_TEST(trimmed_mean_drops_both_ends) {
	static const double v[] = {5, 1, 2, 3, 100};

	ck_assert_double_eq_tol(sendbench_trimmed_mean(v, 5), 10.0 / 3, 1e-9);
	ck_assert_double_eq_tol(sendbench_trimmed_mean(v, 2), 3, 1e-9);
}
END_TEST

START_TEST(streams_play_without_a_break) {
	struct streaming_conf conf;
	struct streaming_result r;
	uint32_t target = SERVER;

	world_new();
	streaming_conf_default(&conf);
	conf.viewers = 10;
	struct streaming *st = streaming_start(k, &peer, 1, &target, 1, &conf);
	sim_run(sim, 20 * SIM_S);
	streaming_result(st, &r);
	ck_assert_uint_eq(r.playing, 10);
	ck_assert_uint_eq(r.wrong, 0);
	ck_assert_uint_eq(r.underruns, 0);
	ck_assert_uint_gt(r.bytes, 10U * 1500000 / 8 * 17);
	streaming_free(st);
	world_free();
}
END_TEST

int main(void) {
	Suite *suite = suite_create("apps");
	TCase *tc = tcase_create("apps");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, web_server_serves_every_byte, 0, G_N_ELEMENTS(ways));
	tcase_add_test(tc, client_notices_wrong_bytes);
	tcase_add_loop_test(tc, methods_of_http, 0, 2);
	tcase_add_test(tc, missing_file_is_404);
	tcase_add_test(tc, nobody_listens_is_refused);
	tcase_add_test(tc, access_log_has_a_line_per_request);
	tcase_add_test(tc, specweb_sizes_and_directories);
	tcase_add_test(tc, specweb_offers_what_it_says_to_a_free_server);
	tcase_add_test(tc, send_latency_is_the_sum_of_its_costs);
	tcase_add_test(tc, trimmed_mean_drops_both_ends);
	tcase_add_test(tc, streams_play_without_a_break);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
