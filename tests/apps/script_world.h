/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A server with a NIC and two cards, each with a peer at the other end of its wire, on which
 * scripts run:
 *
 *     eth0 10.0.0.1 -- 10.0.0.2      toe0 10.0.1.1 -- 10.0.1.2      toe1 10.0.2.1 -- 10.0.2.2
 */
#ifndef TESTS_APPS_SCRIPT_WORLD_H
#define TESTS_APPS_SCRIPT_WORLD_H

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apps/echo.h"
#include "host/boot/boot.h"
#include "host/dev/dev.h"
#include "host/dev/nic.h"
#include "script/script.h"
#include "sop/sop.h"
#include "toe/driver/toe.h"

#define NETS 3

struct world {
	struct sim *sim;
	struct kernel *k;
	struct pci_bus *bus;
	struct link *link[NETS];
	struct peer *peer[NETS];
	struct nic *nic;
	struct toe *toe[2];
	struct module *sop;
	GString *log;
};

static struct world W;
/* Of the wires, to the peers; set before world_up(). */
static struct fault_conf world_fault;

static void raise_line(void *arg, unsigned line, bool high) { irq_level(arg, line, high); }

static void net_up(unsigned i) {
	g_autofree char *name = g_strdup_printf("peer%u", i);
	struct link_conf link = {.name = name, .bits_per_s = 1000000000, .propagation = SIM_US};
	struct peer_conf peer = {
		.name = name,
		.addr = 0x0a000002U | i << 8,
		.netmask = 0xffffff00U,
		.mac = {2, 0, 0, 0, (uint8_t)i, 2},
	};

	link.fault[0] = world_fault;
	net_params_preset(&peer.params, "linux-2.4");
	W.link[i] = link_new(W.sim, &link);
	W.peer[i] = peer_new(W.sim, &peer, link_port(W.link[i], 1));
}

static void card_up(unsigned i) {
	g_autofree char *name = g_strdup_printf("toe%u", i);
	g_autofree char *addr = g_strdup_printf("10.0.%u.1", i + 1);
	struct toe_conf conf;

	toe_conf_default(&conf);
	conf.name = name;
	conf.irq = 6 + i;
	memcpy(conf.mac, (uint8_t[]){2, 0, 0, 0, (uint8_t)(i + 1), 1}, 6);
	W.toe[i] = toe_new(W.k, W.bus, link_port(W.link[i + 1], 0), &conf);
	ck_assert_int_eq(toe_configure(W.toe[i], addr, "255.255.255.0", NULL), 0);
}

static void world_up(bool with_sop) {
	struct kernel_conf kc;
	struct pci_conf pc;
	struct nic_conf nc;
	struct sop_conf sc;

	W = (struct world){.sim = sim_new(3), .log = g_string_new(NULL)};
	kernel_conf_default(&kc);
	kc.name = "server";
	W.k = kernel_new(W.sim, &kc);
	pci_conf_default(&pc);
	W.bus = pci_bus_new(W.sim, "pci0", &pc);
	pci_bus_on_irq(W.bus, raise_line, W.k);
	for (unsigned i = 0; i < NETS; i++)
		net_up(i);
	nic_conf_default(&nc);
	nc.name = "eth0";
	nc.irq = 5;
	memcpy(nc.mac, (uint8_t[]){2, 0, 0, 0, 0, 1}, 6);
	W.nic = nic_new(W.k, W.bus, link_port(W.link[0], 0), &nc);
	ck_assert_int_eq(dev_configure(W.k, "eth0", "10.0.0.1", "255.255.255.0"), 0);
	card_up(0);
	card_up(1);
	sop_conf_default(&sc);
	W.sop = sop_module_new(&sc);
	if (with_sop)
		ck_assert_int_eq(module_load(W.k, W.sop), 0);
}

static void world_down(void) {
	toe_free(W.toe[0]);
	toe_free(W.toe[1]);
	nic_free(W.nic);
	kernel_free(W.k);
	sop_module_free(W.sop);
	pci_bus_free(W.bus);
	for (unsigned i = 0; i < NETS; i++) {
		peer_free(W.peer[i]);
		link_free(W.link[i]);
	}
	sim_free(W.sim);
	frame_pool_drain();
	g_string_free(W.log, TRUE);
}

static void take_event(void *arg, const struct script_event *event) {
	(void)arg;
	script_event_format(event, W.log);
	g_string_append_c(W.log, '\n');
}

static inline struct echo *answer_at(unsigned i, enum echo_mode mode, uint16_t port) {
	struct echo_conf conf;

	echo_conf_default(&conf);
	conf.mode = mode;
	conf.port = port;
	return echo_start(W.peer[i], "peer", &conf, take_event, NULL, NULL);
}

/* Runs a text on the server to its end (or a minute): how many expectations failed, -1 if it did
 * not end.  The log is in W.log. */
static inline int run_text(const char *text) {
	GError *error = NULL;
	struct script *script = script_read(text, &error);
	struct script_result result;
	struct script_run *run;

	ck_assert_msg(script, "%s", error ? error->message : "");
	run = script_start(W.k, script, "test", 0, take_event, NULL, NULL);
	sim_run(W.sim, sim_now(W.sim) + 60 * SIM_S);
	script_result(run, &result);
	if (result.failed)
		g_test_message("%s", result.first_failure);
	script_run_free(run);
	script_drop(script);
	return result.finished ? (int)result.failed : -1;
}

/* Runs a text that must hold. */
static inline void must_hold(const char *text) {
	int failed = run_text(text);

	ck_assert_msg(failed == 0, "%d\n%s", failed, W.log->str);
}

static inline void log_has(const char *text) {
	ck_assert_msg(strstr(W.log->str, text), "'%s' is not in\n%s", text, W.log->str);
}

#endif
