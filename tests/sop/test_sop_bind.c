/* SPDX-License-Identifier: GPL-3.0-or-later */
/* socket, bind, listen and the life of the module.  Test names carry the ruling they show. */
#include "sop_world.h"

#include "net/engine/stack.h"
#include "run_suite.h"

/* --- socket ----------------------------------------------------------------------------------- */

static int twins(struct task *me, void *arg) {
	int fd = TCP(me);

	(void)arg;
	ck_assert_int_ge(fd, 0);
	LOG_IS(w.inet, "create");
	LOG_IS(w.card1, "create");
	LOG_IS(w.card2, "create");
	ck_assert_str_eq(stack_of(me, fd), "any");
	ck_assert_int_eq(w.module->use_count, 1);
	sys_close(me, fd);
	LOG_IS(w.inet, "release");
	LOG_IS(w.card1, "release");
	PROGRAM_END();
}
START_TEST(socket_makes_twins) { world_do(twins); }
END_TEST

static int card_refuses(struct task *me, void *arg) {
	(void)arg;
	w.card1->create_err = -ENOBUFS;
	int fd = TCP(me);
	ck_assert_int_ge(fd, 0);
	LOG_IS(w.card2, "create");
	ck_assert_uint_eq(counter("partial_create"), 1);
	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", 80), 0);
	LOG_IS(w.card1, "");
	sys_close(me, fd);
	clear_logs();
	w.inet->create_err = -ENOBUFS;
	ck_assert_int_eq(TCP(me), -ENOBUFS);
	LOG_IS(w.card2, "");
	PROGRAM_END();
}
START_TEST(T1_1_card_init_fails) { world_do(card_refuses); }
END_TEST

static int raw(struct task *me, void *arg) {
	(void)arg;
	ck_assert_int_eq(sys_socket(me, AF_INET, SOCK_RAW, 1), -ESOCKTNOSUPPORT); /* INET's word */
	LOG_IS(w.card1, "");
	ck_assert_uint_eq(counter("raw_passed"), 1);
	PROGRAM_END();
}
START_TEST(T1_3_raw_is_inets) { world_do(raw); }
END_TEST

static struct fake_stack *late;

static int late_card(struct task *me, void *arg) {
	int fd = TCP(me), ufd = UDP(me);

	(void)arg;
	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", 80), 0);
	ck_assert_int_eq(sys_listen(me, fd, 5), 0);
	late = fake_card_new(w.k, "toe2", 0x0a000301U);
	ck_assert_int_eq(register_toedev(w.k, &late->td), 0);
	nonblocking(me, fd);
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -EAGAIN);
	ck_assert_ptr_nonnull(strstr(fake_log(late), "create bind:80 listen:5"));
	ck_assert_int_eq(bind_to(me, ufd, "10.0.3.1", 53), 0);
	ck_assert_str_eq(stack_of(me, ufd), "toe2");
	sys_close(me, fd);
	sys_close(me, ufd);
	ck_assert_uint_eq(fake_live(late), 0);
	unregister_toedev(&late->td);
	fake_free(late);
	PROGRAM_END();
}
START_TEST(T1_4_card_added_late) { world_do(late_card); }
END_TEST

/* --- bind ------------------------------------------------------------------------------------- */

static int specific(struct task *me, void *arg) {
	int a = TCP(me), b = TCP(me), c = TCP(me);

	(void)arg;
	clear_logs();
	ck_assert_int_eq(bind_to(me, a, "10.0.0.1", 80), 0);
	LOG_IS(w.inet, "bind:80");
	LOG_IS(w.card1, "release");
	ck_assert_str_eq(stack_of(me, a), "inet");
	ck_assert_int_eq(bind_to(me, b, "10.0.1.1", 80), 0); /* T2.5: other address, same port */
	LOG_IS(w.card1, "bind:80");
	ck_assert_str_eq(stack_of(me, b), "toe0");
	ck_assert_int_eq(bind_to(me, c, "127.0.0.1", 81), 0); /* T2.9 */
	ck_assert_str_eq(stack_of(me, c), "inet");
	ck_assert_int_eq(bind_to(me, b, "10.0.1.1", 81), -EINVAL); /* T2.12 */
	ck_assert_uint_eq(counter("pins.bind"), 3);
	sys_close(me, a);
	sys_close(me, b);
	sys_close(me, c);
	PROGRAM_END();
}
START_TEST(T2_5_T2_9_T2_12_specific_address_pins) { world_do(specific); }
END_TEST

static int busy_port(struct task *me, void *arg) {
	int a = TCP(me), b = TCP(me), c = TCP(me);
	uint32_t addr;

	(void)arg;
	ck_assert_int_eq(bind_to(me, a, "10.0.1.1", 80), 0);
	ck_assert_int_eq(bind_to(me, b, "0.0.0.0", 80), -EADDRINUSE);
	ck_assert_uint_eq(port_of(me, b, &addr), 0);
	ck_assert_uint_eq(addr, 0);
	ck_assert_int_eq(bind_to(me, c, "10.0.2.1", 80), 0); /* no card kept it */
	ck_assert_int_eq(bind_to(me, b, "0.0.0.0", 81), 0);
	ck_assert_uint_eq(port_of(me, b, &addr), 81);
	ck_assert_str_eq(stack_of(me, b), "any");
	sys_close(me, a);
	sys_close(me, b);
	sys_close(me, c);
	PROGRAM_END();
}
START_TEST(T2_1_any_port_busy_on_a_card) { world_do(busy_port); }
END_TEST

static int nic_busy(struct task *me, void *arg) {
	int a = TCP(me), b = TCP(me), one = 1;

	(void)arg;
	ck_assert_int_eq(sys_setsockopt(me, a, SOL_SOCKET, SO_REUSEADDR, &one, 4), 0);
	ck_assert_int_eq(bind_to(me, a, "10.0.0.1", 80), 0);
	clear_logs();
	ck_assert_int_eq(bind_to(me, b, "0.0.0.0", 80), -EADDRINUSE);
	LOG_IS(w.card1, "bind:80 release create"); /* T2.2: cards first, undone */
	LOG_IS(w.inet, "bind:80");
	ck_assert_int_eq(sys_setsockopt(me, b, SOL_SOCKET, SO_REUSEADDR, &one, 4), 0);
	ck_assert_int_eq(bind_to(me, b, "0.0.0.0", 80), 0);
	LOG_IS(w.card1, "option:2 bind:80"); /* T2.7 */
	sys_close(me, a);
	sys_close(me, b);
	PROGRAM_END();
}
START_TEST(T2_2_T2_6_T2_7_reuse_and_rollback) { world_do(nic_busy); }
END_TEST

static int drawn(struct task *me, void *arg) {
	int a = TCP(me), b = TCP(me), c = TCP(me);

	(void)arg;
	w.inet->next_port = 2000;
	ck_assert_int_eq(bind_to(me, a, "10.0.2.1", 2000), 0);
	clear_logs();
	ck_assert_int_eq(bind_to(me, b, "0.0.0.0", 0), 0);
	ck_assert_uint_eq(port_of(me, b, NULL), 2001);
	ck_assert_uint_eq(counter("port_draws"), 2);
	ck_assert_uint_eq(counter("port_redraws"), 1);
	ck_assert_ptr_nonnull(fake_find(w.card1, 2001));
	ck_assert_ptr_null(fake_find(w.card1, 2000));
	w.card1->next_port = 5000;
	clear_logs();
	ck_assert_int_eq(bind_to(me, c, "10.0.1.1", 0), 0); /* T2.4 */
	LOG_IS(w.inet, "release");
	ck_assert_uint_eq(port_of(me, c, NULL), 5000);
	ck_assert_uint_eq(counter("port_draws"), 2);
	sys_close(me, a);
	sys_close(me, b);
	sys_close(me, c);
	PROGRAM_END();
}
START_TEST(T2_3_T2_4_port_zero) { world_do(drawn); }
END_TEST

static int exhausted(struct task *me, void *arg) {
	int fd = UDP(me), stream = TCP(me);

	(void)arg;
	w.card1->bind_err = -EADDRINUSE;
	net_stack_params(w.k->stack)->port_low = 32768;
	net_stack_params(w.k->stack)->port_high = 32778;
	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", 0), -EADDRINUSE);
	ck_assert_uint_eq(counter("port_draws"), 11);
	ck_assert_uint_eq(port_of(me, fd, NULL), 0);
	w.card1->bind_err = -ENOMEM; /* another error is no reason to draw again */
	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", 0), -ENOMEM);
	ck_assert_uint_eq(counter("port_draws"), 12);
	ck_assert_int_eq(sys_listen(me, stream, 5), -EADDRINUSE); /* T3.1: of any failure to bind */
	ck_assert_int_eq(sys_accept(me, stream, NULL, NULL), -EINVAL);
	w.card1->bind_err = 0;
	ck_assert_int_eq(sys_listen(me, stream, 5), 0);
	sys_close(me, stream);
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T2_3_T3_1_redraws_are_bounded) { world_do(exhausted); }
END_TEST

static int bad_arguments(struct task *me, void *arg) {
	struct sockaddr_in sin = inet_address("10.0.0.1", 80);
	int fd = TCP(me), m = UDP(me), b = UDP(me), all = UDP(me), zero = UDP(me);

	(void)arg;
	clear_logs();
	ck_assert_int_eq(bind_to(me, fd, "10.9.9.9", 80), -EADDRNOTAVAIL);       /* T2.8 */
	ck_assert_int_eq(sys_bind(me, fd, (struct sockaddr *)&sin, 8), -EINVAL); /* T2.13 */
	task_set_capable(me, false);
	ck_assert_int_eq(bind_to(me, fd, "10.0.1.1", 80), -EACCES); /* T2.11 */
	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", 80), -EACCES);
	LOG_IS(w.inet, "");
	LOG_IS(w.card1, "");
	ck_assert_int_eq(bind_to(me, m, "224.0.0.5", 5000), 0); /* T2.10 */
	ck_assert_str_eq(stack_of(me, m), "any");
	ck_assert_int_eq(bind_to(me, b, "10.0.1.255", 5001), 0);
	ck_assert_str_eq(stack_of(me, b), "toe0");
	ck_assert_int_eq(bind_to(me, all, "255.255.255.255", 5002), 0);
	ck_assert_str_eq(stack_of(me, all), "any");
	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", 1023), -EACCES);
	ck_assert_int_eq(bind_to(me, fd, "10.0.2.1", 1024), 0); /* the first that needs no rights */
	ck_assert_int_eq(bind_to(me, zero, "0.0.0.0", 0), 0);   /* nor does a drawn one */
	sys_close(me, all);
	sys_close(me, zero);
	sys_close(me, fd);
	sys_close(me, m);
	sys_close(me, b);
	PROGRAM_END();
}
START_TEST(T2_8_T2_10_T2_11_T2_13_arguments) { world_do(bad_arguments); }
END_TEST

/* Whatever has bound it, no stack is asked again; nor does the family matter, as in 2.4. */
static int second_bind(struct task *me, void *arg) {
	struct sockaddr_in sin = inet_address("10.0.1.1", 99);
	int fds[] = {TCP(me), TCP(me), TCP(me), TCP(me), UDP(me), UDP(me)}, odd = UDP(me);
	const struct sockaddr unspec = {.sa_family = AF_UNSPEC};

	(void)arg;
	ck_assert_int_eq(bind_to(me, fds[0], "0.0.0.0", 2000), 0);
	ck_assert_int_eq(bind_to(me, fds[1], "10.0.1.1", 2001), 0);
	ck_assert_int_eq(sys_listen(me, fds[2], 5), 0);
	ck_assert_int_eq(connect_to(me, fds[3], "10.0.2.9", 80), 0);
	ck_assert_int_eq(send_to(me, fds[4], "10.0.2.9", 53), 4);
	ck_assert_int_eq(bind_to(me, fds[5], "0.0.0.0", 2003),
	                 0); /* a drawn one would be put back */
	ck_assert_int_eq(connect_to(me, fds[5], "10.0.1.9", 53), 0);
	ck_assert_int_eq(sys_connect(me, fds[5], &unspec, sizeof unspec), 0);
	clear_logs();
	for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++) {
		ck_assert_int_eq(bind_to(me, fds[i], "0.0.0.0", 2002), -EINVAL);
		ck_assert_int_eq(bind_to(me, fds[i], "10.0.1.1", 2002), -EINVAL);
	}
	LOG_IS(w.inet, "");
	LOG_IS(w.card1, "");
	LOG_IS(w.card2, "");
	sin.sin_family = AF_UNIX;
	ck_assert_int_eq(sys_bind(me, odd, (struct sockaddr *)&sin, sizeof sin), 0);
	ck_assert_str_eq(stack_of(me, odd), "toe0");
	for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++)
		sys_close(me, fds[i]);
	sys_close(me, odd);
	PROGRAM_END();
}
START_TEST(T2_12_T2_13_second_bind) { world_do(second_bind); }
END_TEST

static int race(struct task *me, void *arg) {
	int a = TCP(me), b = TCP(me);

	(void)arg;
	w.card1->bind_err = -EADDRNOTAVAIL;
	ck_assert_int_eq(bind_to(me, a, "0.0.0.0", 80), 0);
	ck_assert_uint_eq(counter("partial_bind"), 1);
	ck_assert_int_eq(bind_to(me, b, "10.0.1.1", 80), -EADDRNOTAVAIL);
	w.card1->bind_err = 0;
	clear_logs();
	ck_assert_int_eq(sys_listen(me, a, 5), 0); /* without the card that dropped out */
	LOG_IS(w.card1, "");
	w.card2->bind_err = -ENOMEM; /* T2.14: unchanged, and nobody is asked after it */
	w.card1->bind_err = -EIO;
	w.inet->bind_err = -EADDRINUSE;
	clear_logs();
	ck_assert_int_eq(bind_to(me, b, "0.0.0.0", 81), -ENOMEM);
	LOG_IS(w.card2, "bind:81");
	LOG_IS(w.card1, "");
	LOG_IS(w.inet, "");
	w.card2->bind_err = 0;
	ck_assert_int_eq(bind_to(me, b, "0.0.0.0", 81), -EIO);
	LOG_IS(w.card2, "bind:81 release create");
	w.card1->bind_err = 0;
	w.inet->bind_err = -EADDRNOTAVAIL; /* INET does not drop out */
	ck_assert_int_eq(bind_to(me, b, "0.0.0.0", 81), -EADDRNOTAVAIL);
	ck_assert_uint_eq(port_of(me, b, NULL), 0);
	w.inet->bind_err = 0;
	sys_close(me, a);
	sys_close(me, b);
	PROGRAM_END();
}
START_TEST(T2_14_T2_15_card_errors) { world_do(race); }
END_TEST

/* --- listen ----------------------------------------------------------------------------------- */

static int listens(struct task *me, void *arg) {
	int a = TCP(me), b = TCP(me), u = UDP(me);

	(void)arg;
	clear_logs();
	ck_assert_int_eq(sys_listen(me, a, 5), 0);
	LOG_IS(w.inet, "bind:0 getname listen:5"); /* T3.1: port first, on all */
	LOG_HAS(w.card1, "listen:5");
	int yes = 0, len = sizeof yes;
	ck_assert_int_eq(sys_getsockopt(me, a, SOL_SOCKET, SO_ACCEPTCONN, &yes, &len), 0);
	ck_assert_int_eq(yes, 1);
	ck_assert_int_eq(sys_listen(me, a, 7), 0); /* T3.4 */
	LOG_IS(w.card2, "bind:1024 listen:5 listen:7");
	ck_assert_int_eq(sys_listen(me, u, 5), -EOPNOTSUPP); /* T3.5 */
	w.card1->listen_err = -ENOBUFS;
	ck_assert_int_eq(sys_listen(me, b, 5), 0); /* T3.2 */
	ck_assert_uint_eq(counter("partial_listen"), 1);
	sys_close(me, b);
	b = TCP(me);
	ck_assert_int_eq(bind_to(me, b, "10.0.1.1", 80), 0);
	ck_assert_int_eq(sys_listen(me, b, 5), -ENOBUFS);
	w.card1->listen_err = 0;
	ck_assert_int_eq(sys_listen(me, b, 5), 0);
	sys_close(me, a);
	sys_close(me, b);
	sys_close(me, u);
	PROGRAM_END();
}
START_TEST(T3_1_T3_2_T3_4_T3_5_listen) { world_do(listens); }
END_TEST

static int inet_cannot(struct task *me, void *arg) {
	int fd = TCP(me);

	(void)arg;
	w.inet->listen_err = -EADDRINUSE;
	ck_assert_int_eq(bind_to(me, fd, "0.0.0.0", 80), 0);
	clear_logs();
	ck_assert_int_eq(sys_listen(me, fd, 5), -EADDRINUSE); /* T3.3 */
	LOG_IS(w.card1, "");
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -EINVAL);
	ck_assert_uint_eq(port_of(me, fd, NULL), 80);
	w.inet->listen_err = 0;
	w.card2->listen_err = -ENOBUFS; /* strict: all or nothing */
	ck_assert_int_eq(sys_listen(me, fd, 5), -ENOBUFS);
	ck_assert(!fake_find(w.inet, 80)->listening);
	ck_assert(!fake_find(w.card1, 80)->listening);
	ck_assert_int_eq(sys_accept(me, fd, NULL, NULL), -EINVAL);
	w.card2->listen_err = 0;
	ck_assert_int_eq(sys_listen(me, fd, 5), 0);
	w.card2->listen_err = -ENOBUFS; /* of a second one nothing is undone */
	ck_assert_int_eq(sys_listen(me, fd, 7), 0);
	ck_assert(fake_find(w.card1, 80)->listening);
	ck_assert(fake_find(w.card2, 80)->listening);
	w.card2->listen_err = 0;
	sys_close(me, fd);
	PROGRAM_END();
}
START_TEST(T3_2_T3_3_strict) {
	world_new();
	w.conf.listen_all_or_nothing = true;
	world_load();
	world_start("test", inet_cannot);
	world_run(1);
}
END_TEST

/* --- the module ------------------------------------------------------------------------------- */

static int life(struct task *me, void *arg) {
	int old, new;

	(void)arg;
	ck_assert_int_eq(register_toedev(w.k, &w.card1->td), 0);
	old = TCP(me);
	w.module = sop_module_new(&w.conf);
	ck_assert_int_eq(module_load(w.k, w.module), 0);
	new = TCP(me);
	ck_assert_ptr_null(stack_of(me, old)); /* stays INET for life */
	ck_assert_str_eq(stack_of(me, new), "any");
	ck_assert_int_eq(module_unload(w.k, "sop"), -EBUSY);
	sys_close(me, new);
	ck_assert_int_eq(module_unload(w.k, "sop"), 0);
	ck_assert_int_eq(bind_to(me, old, "0.0.0.0", 80), 0); /* unharmed */
	ck_assert_int_eq(module_load(w.k, w.module), 0);
	sys_close(me, old);
	PROGRAM_END();
}
START_TEST(T15_2_load_and_unload) {
	world_new();
	world_start("test", life);
	world_run(1);
}
END_TEST

static int failing(struct task *me, void *arg) {
	int any = TCP(me), pinned = TCP(me), fresh;

	(void)arg;
	ck_assert_int_eq(bind_to(me, any, "0.0.0.0", 80), 0);
	ck_assert_int_eq(sys_listen(me, any, 5), 0);
	ck_assert_int_eq(bind_to(me, pinned, "10.0.1.1", 81), 0);
	toedev_failed(&w.card1->td);
	fake_connections(w.card2, 80, 1);
	int fd = sys_accept(me, any, NULL, NULL); /* goes on with the rest */
	ck_assert_int_ge(fd, 0);
	ck_assert_str_eq(stack_of(me, fd), "toe1");
	ck_assert_str_eq(stack_of(me, pinned), "toe0");
	fresh = TCP(me);
	ck_assert_int_eq(bind_to(me, fresh, "10.0.1.1", 82), -ENETDOWN);
	ck_assert_uint_eq(counter("cards_failed"), 1);
	ck_assert_uint_eq(counter("lost_legs"), 1);
	sys_close(me, fresh);
	sys_close(me, fd);
	sys_close(me, any);
	sys_close(me, pinned);
	PROGRAM_END();
}
START_TEST(T15_1_card_fails) { world_do(failing); }
END_TEST

int main(void) {
	Suite *s = suite_create("sop_bind");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, socket_makes_twins);
	tcase_add_test(tc, T1_1_card_init_fails);
	tcase_add_test(tc, T1_3_raw_is_inets);
	tcase_add_test(tc, T1_4_card_added_late);
	tcase_add_test(tc, T2_5_T2_9_T2_12_specific_address_pins);
	tcase_add_test(tc, T2_1_any_port_busy_on_a_card);
	tcase_add_test(tc, T2_2_T2_6_T2_7_reuse_and_rollback);
	tcase_add_test(tc, T2_3_T2_4_port_zero);
	tcase_add_test(tc, T2_3_T3_1_redraws_are_bounded);
	tcase_add_test(tc, T2_8_T2_10_T2_11_T2_13_arguments);
	tcase_add_test(tc, T2_12_T2_13_second_bind);
	tcase_add_test(tc, T2_14_T2_15_card_errors);
	tcase_add_test(tc, T3_1_T3_2_T3_4_T3_5_listen);
	tcase_add_test(tc, T3_2_T3_3_strict);
	tcase_add_test(tc, T15_2_load_and_unload);
	tcase_add_test(tc, T15_1_card_fails);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
