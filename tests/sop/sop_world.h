/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A machine with a scripted INET (10.0.0.1/24) and two scripted cards (10.0.1.1/24, 10.0.2.1/24),
 * SOP loaded.  A world of the simulator can live once per operating-system process, so each Check
 * test makes one of its own (Check forks).
 */
#ifndef TESTS_SOP_WORLD_H
#define TESTS_SOP_WORLD_H

#include <check.h>
#include <errno.h>
#include <string.h>

#include "fake_stack.h"
#include "host/boot/boot.h"
#include "host/inet/inet.h"
#include "host/socket/syscalls.h"
#include "net/engine/iface.h"
#include "sim/sim.h"
#include "sop/sop.h"

#define NIC_ADDR 0x0a000001U
#define CARD1_ADDR 0x0a000101U
#define CARD2_ADDR 0x0a000201U

static struct {
	struct sim *sim;
	struct kernel *k;
	struct fake_stack *inet, *card1, *card2;
	struct module *module;
	struct sop_conf conf;
	unsigned ended;
} w;

static inline void world_new(void) {
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};
	struct net_if_config ifc = {.addr = NIC_ADDR,
	                            .netmask = 0xffffff00U,
	                            .broadcast = NIC_ADDR | 0xff,
	                            .mtu = 1500,
	                            .up = false};
	struct kernel_conf kc;

	w.sim = sim_new(1);
	kernel_conf_default(&kc);
	w.k = kernel_new(w.sim, &kc);
	memcpy(ifc.mac, mac, sizeof mac);
	struct net_if *ifp = net_if_add(w.k->stack, "eth0", mac, 1500, NULL);
	ck_assert_int_eq(net_if_set(ifp, &ifc), 0);
	ifc.up = true;
	ck_assert_int_eq(net_if_set(ifp, &ifc), 0);
	w.inet = fake_inet_new(w.k, NIC_ADDR);
	w.card1 = fake_card_new(w.k, "toe0", CARD1_ADDR);
	w.card2 = fake_card_new(w.k, "toe1", CARD2_ADDR);
	sop_conf_default(&w.conf);
}

static inline void world_load(void) {
	ck_assert_int_eq(register_toedev(w.k, &w.card1->td), 0);
	ck_assert_int_eq(register_toedev(w.k, &w.card2->td), 0);
	w.module = sop_module_new(&w.conf);
	ck_assert_int_eq(module_load(w.k, w.module), 0);
}

static inline void clear_logs(void) {
	fake_log(w.inet);
	fake_log(w.card1);
	fake_log(w.card2);
}

static inline void world_start(const char *name, program main) {
	process_start(w.k, name, main, NULL);
}

/* Runs to the end; `programs` of them must have come to theirs.  Nothing may be left behind. */
static inline void world_run(unsigned programs) {
	sim_run(w.sim, SIM_NEVER);
	ck_assert_uint_eq(w.ended, programs);
	ck_assert_int_eq(w.module->use_count, 0);
	ck_assert_uint_eq(fake_live(w.inet), 0);
	ck_assert_uint_eq(fake_live(w.card1), 0);
	ck_assert_uint_eq(fake_live(w.card2), 0);
	ck_assert_int_eq(module_unload(w.k, "sop"), 0);
	ck_assert_int_eq(w.k->net_families[PF_INET]->create != sop_family_ops.create, 1);
	kernel_free(w.k);
	sop_module_free(w.module);
	fake_free(w.inet);
	fake_free(w.card1);
	fake_free(w.card2);
	sim_free(w.sim);
}

/* The common case: one program, default settings. */
static inline void world_do(program main) {
	world_new();
	world_load();
	world_start("test", main);
	world_run(1);
}

#define PROGRAM_END()                                                                              \
	do {                                                                                       \
		w.ended++;                                                                         \
		return 0;                                                                          \
	} while (0)

static inline uint64_t counter(const char *name) {
	const char *n;
	uint64_t v;

	for (size_t i = 0; sop_counter(w.module, i, &n, &v); i++)
		if (strcmp(n, name) == 0)
			return v;
	ck_abort_msg("no counter %s", name);
	return 0;
}

static inline const char *stack_of(struct task *me, int fd) {
	int err;

	return sop_stack_name(sockfd_lookup(me, fd, &err));
}

static inline int bind_to(struct task *me, int fd, const char *addr, uint16_t port) {
	struct sockaddr_in sin = inet_address(addr, port);

	return sys_bind(me, fd, (struct sockaddr *)&sin, sizeof sin);
}

static inline int connect_to(struct task *me, int fd, const char *addr, uint16_t port) {
	struct sockaddr_in sin = inet_address(addr, port);

	return sys_connect(me, fd, (struct sockaddr *)&sin, sizeof sin);
}

static inline ssize_t send_to(struct task *me, int fd, const char *addr, uint16_t port) {
	struct sockaddr_in sin = inet_address(addr, port);

	return sys_sendto(me, fd, "data", 4, 0, (struct sockaddr *)&sin, sizeof sin);
}

static inline uint16_t port_of(struct task *me, int fd, uint32_t *addr) {
	struct sockaddr_in sin;
	int len = sizeof sin;

	ck_assert_int_eq(sys_getsockname(me, fd, (struct sockaddr *)&sin, &len), 0);
	if (addr)
		*addr = g_ntohl(sin.sin_addr.s_addr);
	return g_ntohs(sin.sin_port);
}

static inline int nonblocking(struct task *me, int fd) {
	return sys_fcntl(me, fd, F_SETFL, O_NONBLOCK);
}

#define TCP(me) sys_socket(me, AF_INET, SOCK_STREAM, 0)
#define UDP(me) sys_socket(me, AF_INET, SOCK_DGRAM, 0)
#define LOG_IS(st, text) ck_assert_str_eq(fake_log(st), text)
#define LOG_HAS(st, text) ck_assert_ptr_nonnull(strstr(fake_log(st), text))

static inline int listen_any(struct task *me, uint16_t port) {
	int fd = TCP(me);

	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", port), 0);
	ck_assert_int_eq(sys_listen(me, fd, 5), 0);
	return fd;
}

/* `stack` NULL: of whichever. */
static inline int accept_on(struct task *me, int fd, const char *stack) {
	int new = sys_accept(me, fd, NULL, NULL);

	ck_assert_msg(new >= 0, "accept: %s", g_strerror(-new));
	if (stack)
		ck_assert_str_eq(stack_of(me, new), stack);
	return new;
}

#endif
