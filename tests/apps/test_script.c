/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The language of programs in scenarios: what is refused, and what runs. */
#include "script_world.h"

#include "run_suite.h"

/* --- texts that are refused ------------------------------------------------------------------- */

static const struct {
	const char *text, *line, *why;
} wrong[] = {
	{"s = socket(stream)\nbnd(s, any)", "line 2:", "'bnd' is no statement"},
	{"bind(s, 10.0.0.1:80)", "line 1:", "unknown name 's'"},
	{"s = socket(stream)\nbind(s)", "line 2:", "too few arguments"},
	{"s = socket(stream)\nbind(s, 80)", "line 2:", "argument 2 of bind() is not an address"},
	{"s = socket(stream)\nclose(s, 1)", "line 2:", "too many arguments"},
	{"sleep 10", "line 1:", "no time"},
	{"sleep 10min", "line 1:", "is no number"},
	{"s = socket(stream)\nconnect(s, 10.0.0.300:80)", "line 2:", "is no address"},
	{"s = socket(stream)\nconnect(s, 10.0.0.3:70000)", "line 2:", "is no address"},
	{"print hello", "line 1:", "is no text"},
	{"print \"$x\"", "line 1:", "'$x' names nothing"},
	{"print \"x", "line 1:", "a text without end"},
	{"repeat 3 {\nsleep 1ms", "line 2:", "'{' without '}'"},
	{"}", "line 1:", "begins no statement"},
	{"s = socket(stream) bind(s, any)", "line 1:", "behind a statement"},
	{"x = 1\nx = 1ms", "line 2:", "was a number before"},
	{"socket = 1", "line 1:", "no '(' behind socket"},
	{"EAGAIN = 1", "line 1:", "has a meaning already"},
	{"s = socket(stream)\nsetsockopt(s, 3, 1)", "line 2:", "is not a socket option"},
	{"s = socket(stream)\nsetsockopt(s, SO_NONSENSE, 1)",
         "line 2:", "unknown name 'SO_NONSENSE'"},
	{"s = socket(stream)\npoll(s, 1s)", "line 2:", "argument 1 of poll()"},
	{"s = socket(stream)\npoll(s:POLLIN)", "line 2:", "too few"},
	{"expect 1 = 1ms", "line 1:", "unlike values"},
	{"expect 1 has 1", "line 1:", "does not compare"},
	{"s = socket(stream) = 1ms", "line 1:", "no time"},
	{"x = 1 + \"a\"", "line 1:", "unlike values"},
	{"fork { }", "line 1:", "without name"},
	{"@", "line 1:", "has no meaning"},
	{"\n\nif 1 { }", "line 3:", "no comparison"},
	{"x = stack(", "line 1:", "no value"},
	{"send(1, \"a\\qb\")", "line 1:", "'\\q' is no escape; allowed: \\\" \\\\"},
	{"send(1, \"a\\x4\")", "line 1:", "'\\x' without two hexadecimal digits"},
	{"send(1, \"a\\x\")", "line 1:", "'\\x' without two hexadecimal digits"},
	{"send(1, \"\\400\")", "line 1:", "'\\400' is out of range; allowed: \\0 to \\377"},
	{"print \"a\\0b\"", "line 1:", "a text with \\0"},
	{"x = data()", "line 1:", "data() is gone with the next call"},
	{"open(data())", "line 1:", "argument 1 of open() is not a \"text\" without \\0"},
	{"open(\"a\\0b\")", "line 1:", "argument 1 of open() is not a \"text\" without \\0"},
	{"\nsleep 9223373s",
         "line 2:", "'9223373s' is out of range; allowed: times up to 9223372s"},
	{"x = 9223372036854775808",
         "line 1:", "is out of range; allowed: numbers up to 9223372036854775807"},
	{"x = 9007199254740993KiB", "line 1:", "is out of range; allowed: numbers up to"},
	{"x = any:65536", "line 1:", "port 65536 is out of range; allowed: 0 to 65535"},
	{"recv(1, 10, 4294967296)",
         "line 1:", "argument 3 of recv() is out of range; allowed: -2147483648 to 4294967295"},
	{"poll(1:4294967296, 1s)", "line 1:", "argument 1 of poll() is out of range"},
	{"poll(1, 1s)", "line 1:", "argument 1 of poll() is not a descriptor and its events"},
	{"poll()", "line 1:", "too few arguments"},
	{"exit 1 \"a\\nb\"", "line 1:", "'a\\x0ab' behind a statement"},
	{"\303\244", "line 1:", "'\303\244' has no meaning"},
};

/* Texts and numbers are what they say, to the last bit. */
static const struct {
	const char *text, *bytes;
	size_t len;
} exact[] = {
	{"\"a\\0b\"", "a\0b", 3},
	{"\"a\\x41b\"", "aAb", 3},
	{"\"\\x00\\xff\\xFe\"", "\0\xff\xfe", 3},
	{"\"\\0\\00\\0008\\12\\377\"",
         "\0\0\0"
         "8\n\xff",
         6},
	{"\"\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\\'\"", "\a\b\f\n\r\t\v\\\"'", 10},
	{"\"\"", "", 0},
	{"\"$x # ; { \303\244\"", "$x # ; { \303\244", 11},
};

START_TEST(texts_are_refused_with_line_and_reason) {
	GError *error = NULL;
	struct script *script = script_read(wrong[_i].text, &error);

	ck_assert_ptr_null(script);
	ck_assert_ptr_nonnull(error);
	ck_assert_msg(g_str_has_prefix(error->message, wrong[_i].line), "%s", error->message);
	ck_assert_msg(strstr(error->message, wrong[_i].why), "%s", error->message);
	ck_assert_msg(strstr(error->message, "; allowed: "), "%s", error->message);
	ck_assert_ptr_null(strchr(error->message, '\n'));
	g_error_free(error);
}
END_TEST

/* Nested deeper than a process's stack would bear: of blocks, of parentheses, of a long sum. */
START_TEST(depth_has_a_limit) {
	static const struct {
		const char *open, *close;
		unsigned good, bad;
	} kinds[] = {
		{"repeat 1 {\n", "}\n", 60, 70},
		{"if 1 = 1 { ", "} ", 60, 70},
		{"fork f {", "}\n", 60, 70},
		{"(", ")", 50, 70},
		{"-", "", 50, 70},
		{"1 + ", "", 50, 70},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		for (unsigned bad = 0; bad < 2; bad++) {
			unsigned n = bad ? kinds[i].bad : kinds[i].good;
			g_autoptr(GString) text = g_string_new(i >= 3 ? "x = " : "");
			g_autoptr(GError) error = NULL;
			struct script *script;

			for (unsigned j = 0; j < n; j++)
				g_string_append(text, kinds[i].open);
			g_string_append(text, i >= 3 ? "1" : "");
			for (unsigned j = 0; j < n; j++)
				g_string_append(text, kinds[i].close);
			script = script_read(text->str, &error);
			ck_assert_msg((script == NULL) == (bad == 1), "%zu: %s", i,
			              error ? error->message : "read");
			if (script)
				script_drop(script);
			else
				ck_assert_msg(strstr(error->message, "too deep; allowed: 64"), "%s",
				              error->message);
		}
}
END_TEST

/* Any prefix of a good text is either read or refused; none crashes. */
START_TEST(prefixes_of_a_text_do_no_harm) {
	static const char text[] = "s = socket(toe, stream) >= 3 # why\nfork c { "
				   "poll(s:POLLIN|POLLOUT, 1s) = 1; print \"a $s\" }\n"
				   "if took() > 1ms { exit } else { x = -3 * 2 }\n"
				   "connect(s, 10.0.0.1:x) = -ECONNREFUSED";

	for (size_t len = 0; len < sizeof text; len++) {
		g_autofree char *part = g_strndup(text, len);
		GError *error = NULL;
		struct script *script = script_read(part, &error);

		ck_assert(!script == !!error);
		if (script)
			script_drop(script);
		g_clear_error(&error);
	}
}
END_TEST

/* --- the language ----------------------------------------------------------------------------- */

START_TEST(values_and_loops) {
	world_up(false);
	must_hold("n = 0; t = 0ms\n"
	          "repeat 10 { n = n + 1 }\n"
	          "expect n = 10\n"
	          "repeat { n = n + 1; if n >= 20 { break } }\n"
	          "expect n = 20\n"
	          "if n != 20 { n = 0 } else { n = 2 * n + 1 }\n"
	          "expect n = 41\n"
	          "expect -ECONNREFUSED = -111\n"
	          "expect POLLIN | POLLOUT = 5\n"
	          "expect (1 + 2) * 3 = 9\n"
	          "expect 4KiB = 4096\n"
	          "a = now(); sleep 5ms; expect now() - a >= 5ms\n"
	          "until 1s; expect now() >= 1s; expect now() < 1.1s\n"
	          "print \"n is $n, $$5\"\n");
	log_has("n is 41, $5");
	world_down();
}
END_TEST

/* Through a UDP socket and back: what is sent is what was written, and is shown so. */
START_TEST(texts_are_exact) {
	g_autofree char *text = g_strdup_printf(
		"l = socket(dgram); bind(l, 127.0.0.1:5) = 0\n"
		"s = socket(dgram); connect(s, 127.0.0.1:5) = 0\nx = %s\n"
		"send(s, x) = %zu\nrecv(l, 100) = %s\nsendmsg(s, x) = %zu\nrecv(l, 100) = x\n"
		"send(s, \"q\") = 1\nexpect x = %s\n",
		exact[_i].text, exact[_i].len, exact[_i].text, exact[_i].len, exact[_i].text);

	world_up(false);
	must_hold(text);
	world_down();
}
END_TEST

START_TEST(texts_are_compared_to_the_end) {
	world_up(false);
	ck_assert_int_eq(run_text("l = socket(dgram); bind(l, 127.0.0.1:6)\n"
	                          "s = socket(dgram); connect(s, 127.0.0.1:6)\n"
	                          "send(s, \"a\\0c\")\nrecv(l, 9) = \"a\\0b\"\n"
	                          "send(s, \"a\\0c\")\nrecv(l, 9) has \"\\0c\"\n"
	                          "send(s, \"a\\0c\")\nrecv(l, 9) has \"\\0d\"\n"),
	                 2);
	log_has("recv(0, 9) = 3 \"a\\x00c\"");
	world_down();
}
END_TEST

START_TEST(numbers_are_exact) {
	world_up(false);
	must_hold("expect 9007199254740993 - 9007199254740992 = 1\n"
	          "expect 9223372036854775807 > 9223372036854775806\n"
	          "expect 0x7fffffffffffffff = 9223372036854775807\n"
	          "expect 2000000s - 1999999s = 1s\nexpect 1.5ms = 1500us\n");
	world_down();
}
END_TEST

START_TEST(numbers_are_not_made_to_fit) {
	world_up(false);
	/* What does not fit a call's argument is not made to fit. */
	ck_assert_int_eq(run_text("n = 4294967296\ns = socket(stream)\nrecv(s, 10, n + 2)\n"
	                          "getsockname(n) = 0\nsetsockopt(s, SO_RCVBUF, n + 9000)\n"
	                          "connect(s, 127.0.0.1:n)\nlisten(s, 2 * n)\nclose(s) = 0"),
	                 5);
	log_has("argument 3 of recv() is 4294967298; allowed: -2147483648 to 4294967295");
	log_has("port 4294967296; allowed: 0 to 65535");
	world_down();
}
END_TEST

START_TEST(waiting_without_descriptors) {
	world_up(true);
	must_hold("poll(20ms) = 0\nexpect took() >= 20ms; expect took() < 41ms\n"
	          "select(20ms) = 0\nexpect took() >= 20ms; expect took() < 41ms\n"
	          "poll(0s) = 0\nselect(0ms) = 0\n"
	          "signal(SIGUSR1, SIG_CATCH); me = pid()\n"
	          "fork c { sleep 1s; kill(me, SIGUSR1); sleep 1s; kill(me, SIGUSR1) }\n"
	          "poll(-1s) = -EINTR\nselect(-1s) = -EINTR\n");
	world_down();
}
END_TEST

/* Words for what a peer says and for what a socket is asked, on INET alone. */
START_TEST(options_and_events_have_their_names) {
	world_up(false);
	must_hold("s = socket(dgram); bind(s, 127.0.0.1:5)\nt = socket(dgram)\n"
	          "setsockopt(t, SO_REUSEPORT, 1) = -ENOPROTOOPT\n"
	          "setsockopt(t, SO_NO_CHECK, 1) = 0\ngetsockopt(t, SO_NO_CHECK) = 1\n"
	          "getsockopt(t, IP_MTU) = -ENOTCONN\nconnect(t, 127.0.0.1:5) = 0\n"
	          "getsockopt(t, IP_MTU) > 576\n"
	          "setsockopt(s, IP_PKTINFO, 1) = 0\nsetsockopt(s, IP_RECVTTL, 1) = 0\n"
	          "setsockopt(s, IP_RECVTOS, 1) = 0\n"
	          "poll(s:POLLIN|POLLRDNORM|POLLOUT|POLLWRNORM, 0s) = 1\n"
	          "expect revents(s) = POLLOUT|POLLWRNORM\n"
	          "send(t, \"x\") = 1\npoll(s:POLLRDNORM, 1s) = 1\nexpect revents(s) = POLLRDNORM\n"
	          "recvmsg(s, 9) = 1\n"
	          "setsockopt(t, IP_RECVERR, 1) = 0\nclose(s)\nsend(t, \"lost\") = 4\nsleep 10ms\n"
	          "recvmsg(t, 9, MSG_ERRQUEUE) = \"lost\"\n");
	log_has("to 127.0.0.1 by 1, ttl 64, tos 0");
	log_has("ECONNREFUSED type 3 code 3 by 127.0.0.1");
	world_down();
}
END_TEST

/* As many as the process may have, each once. */
START_TEST(waiting_for_many_descriptors) {
	g_autoptr(GString) text = g_string_new(
		"s = socket(dgram); bind(s, 127.0.0.1:5)\nsendto(s, \"x\", 127.0.0.1:5)\npoll(");

	for (unsigned i = 0; i < 100; i++)
		g_string_append(text, "s:POLLIN, ");
	g_string_append(text, "1s) = 100\nexpect took() < 1s");
	world_up(true);
	must_hold(text->str);
	world_down();
}
END_TEST

/* F_SETSIG of 2.4: the signal that is sent instead of SIGIO; 0 is SIGIO again. */
START_TEST(the_signal_of_a_descriptor) {
	world_up(_i);
	must_hold("s = socket(dgram); bind(s, any:5) = 0\n"
	          "fcntl(s, F_GETSIG) = 0\nfcntl(s, F_SETSIG, SIGUSR1) = 0\n"
	          "fcntl(s, F_GETSIG) = SIGUSR1\nfcntl(s, F_SETSIG, -1) = -EINVAL\n"
	          "fcntl(s, F_SETSIG, 65) = -EINVAL\nfcntl(s, F_GETSIG) = SIGUSR1\n"
	          "signal(SIGUSR1, SIG_CATCH); signal(SIGIO, SIG_IGN)\n"
	          "fcntl(s, F_SETOWN, pid()) = 0\nfcntl(s, F_SETFL, O_ASYNC) = 0\n"
	          "fork c { sleep 10ms; u = socket(dgram); sendto(u, \"x\", 127.0.0.1:5)\n"
	          "         sleep 100ms; sendto(u, \"x\", 127.0.0.1:5) }\n"
	          "poll(1s) = -EINTR\n"
	          "fcntl(s, F_SETSIG, 0) = 0\nfcntl(s, F_GETSIG) = 0\n"
	          "poll(200ms) = 0\n");
	world_down();
}
END_TEST

START_TEST(the_low_water_mark_of_sending) {
	world_up(_i);
	must_hold("s = socket(stream)\ngetsockopt(s, SO_SNDLOWAT) = 1\n"
	          "setsockopt(s, SO_SNDLOWAT, 4) = -ENOPROTOOPT\ngetsockopt(s, SO_SNDLOWAT) = 1\n"
	          "u = socket(dgram)\nsetsockopt(u, SO_SNDLOWAT, 1) = -ENOPROTOOPT\n"
	          "getsockopt(u, SO_SNDLOWAT) = 1");
	world_down();
}
END_TEST

START_TEST(what_is_printed_stays_on_its_line) {
	world_up(false);
	must_hold("print \"a\\nb\\x1b[31m \303\244 \\xff\"");
	log_has("\" a\\x0ab\\x1b[31m \303\244 \\xff\n");
	world_down();
}
END_TEST

START_TEST(a_wrong_expectation_fails) {
	world_up(false);
	ck_assert_int_eq(run_text("s = socket(stream)\nbind(s, 10.9.9.9:80) = 0\nexpect 1 = 2\n"
	                          "expect now() < 0s\nexpect \"a\" has \"b\""),
	                 4);
	log_has("line 2: expected bind = 0");
	log_has("bind(0, 10.9.9.9:80) = -EADDRNOTAVAIL");
	world_down();
}
END_TEST

START_TEST(a_loop_without_time_ends) {
	world_up(false);
	ck_assert_int_eq(run_text("n = 0\nrepeat { n = n + 1 }"), 1);
	log_has("no time passes");
	world_down();
}
END_TEST

START_TEST(children_are_waited_for_and_deaths_told) {
	world_up(false);
	ck_assert_int_eq(run_text("fork a { sleep 1s; expect 1 = 1 }\n"
	                          "fork b { sleep 10s }\nsleep 2s\nkill(b, SIGTERM) = 0"),
	                 1);
	log_has("b was killed by SIGTERM");
	world_down();
}
END_TEST

START_TEST(deaths_and_signals_may_be_expected) {
	world_up(false);
	must_hold("fork b { sleep 10s }\nkill(b, SIGTERM) = 0\nwait() = SIGTERM\n"
	          "s = socket(stream)\nsignal(SIGUSR1, SIG_CATCH) = 0\nme = pid()\n"
	          "fork c { sleep 1s; kill(me, SIGUSR1) }\n"
	          "listen(s)\naccept(s) = -EINTR\nexpect took() >= 1s");
	world_down();
}
END_TEST

/* --- the calls, on any stack ------------------------------------------------------------------ */

static const char server_and_client[] = "l = socket(stream)\n"
					"setsockopt(l, SO_REUSEADDR, 1) = 0\n"
					"getsockopt(l, SOL_SOCKET, SO_REUSEADDR) = 1\n"
					"bind(l, any:80) = 0\n"
					"listen(l, 5) = 0\n"
					"getsockopt(l, SO_ACCEPTCONN) = 1\n"
					"fork client {\n"
					"	s = socket(stream)\n"
					"	connect(s, 127.0.0.1:80) = 0\n"
					"	getpeername(s) = 127.0.0.1:80\n"
					"	setsockopt(s, TCP_NODELAY, 1) = 0\n"
					"	setsockopt(s, SO_LINGER, 1, 5s) = 0\n"
					"	getsockopt(s, SO_LINGER) = 5\n"
					"	write(s, \"hello \") = 6\n"
					"	writev(s, \"world\") = 5\n"
					"	send(s, 1000) = 1000\n"
					"	shutdown(s, SHUT_WR) = 0\n"
					"	read(s, 100) = \"done\"\n"
					"	read(s, 100) = 0\n"
					"	write(s, \"x\") = -EPIPE\n"
					"}\n"
					"poll(l:POLLIN, 1s) = 1\n"
					"expect revents(l) = POLLIN\n"
					"c = accept(l) = 127.0.0.1\n"
					"expect stack(c) = inet\n"
					"setsockopt(c, SO_RCVTIMEO, 20ms) = 0\n"
					"getsockopt(c, SO_RCVTIMEO) = 20000\n"
					"recv(c, 5, MSG_PEEK) = \"hello\"\n"
					"recv(c, 11, MSG_WAITALL) = \"hello world\"\n"
					"n = recv(c, 1000, MSG_WAITALL) = 1000\n"
					"recv(c, 1) = 0\n"
					"fcntl(c, F_SETFL, O_NONBLOCK) = 0\n"
					"fcntl(c, F_GETFL) = O_NONBLOCK|O_RDWR\n"
					"ioctl(c, FIONREAD) = 0\n"
					"select(c:POLLIN|POLLOUT, 1s) = 2\n"
					"d = dup(c)\n"
					"close(c) = 0\n"
					"write(d, \"done\") = 4\n"
					"close(d) = 0\n"
					"close(d) = -EBADF\n"
					"close(l) = 0\n"
					"wait() = SIGPIPE\n";

START_TEST(calls_work_without_sop) {
	world_up(false);
	must_hold(server_and_client);
	world_down();
}
END_TEST

START_TEST(calls_work_with_sop) {
	world_up(true);
	must_hold(server_and_client);
	world_down();
}
END_TEST

START_TEST(the_log_names_the_stack) {
	world_up(true);
	struct echo *e0 = answer_at(0, ECHO_SERVER, 7), *e1 = answer_at(1, ECHO_SERVER, 7);

	must_hold("s = socket(stream)\nconnect(s, 10.0.1.2:7) = 0\nexpect stack(s) = toe0\n"
	          "write(s, \"ping\") = 4\nread(s, 10) = \"ping\"\n"
	          "getsockname(s) = 10.0.1.1\nclose(s)\n"
	          "s = socket(stream)\nexpect stack(s) = any\nconnect(s, 10.0.0.2:7) = 0\n"
	          "expect stack(s) = inet\nclose(s)\n"
	          "t = socket(toe, stream)\nexpect stack(t) = toe0\n"
	          "connect(t, 10.0.2.2:7) = -ECONNREFUSED\n"
	          "expect stack(t) = toe1\n");
	log_has("= 4 \"ping\"");
	echo_free(e0);
	echo_free(e1);
	world_down();
}
END_TEST

START_TEST(datagrams_show_who_served) {
	world_up(true);
	struct echo *e = answer_at(2, ECHO_UDP, 7);

	must_hold("s = socket(dgram)\nbind(s, any:0) = 0\np = port(s)\nexpect p > 0\n"
	          "getsockname(s) = 0.0.0.0:p\n"
	          "sendto(s, \"hi\", 10.0.2.2:7) = 2\n"
	          "recvfrom(s, 100) = \"hi\"\nexpect from() = 10.0.2.2:7\n"
	          "expect counter(\"calls.sendmsg\") >= 1\n"
	          "expect stack(s) = any\n"
	          "sendmsg(s, \"hi\", 10.0.2.2:7) = 2\nrecvmsg(s, 100) = 10.0.2.2:7\n");
	log_has("toe1");
	echo_free(e);
	world_down();
}
END_TEST

START_TEST(what_came_is_sent_back) {
	world_up(false);
	must_hold("l = socket(dgram); bind(l, 127.0.0.1:6) = 0\nexpect data() = \"\"\n"
	          "s = socket(dgram); bind(s, 127.0.0.1:7) = 0; connect(s, 127.0.0.1:6) = 0\n"
	          "send(s, \"a\\0c\") = 3\nrecv(l, 9) = 3\nexpect data() = \"a\\0c\"\n"
	          "sendto(l, data(), 127.0.0.1:7) = 3\nrecv(s, 9) = \"a\\0c\"\n"
	          "sendmsg(l, data(), 127.0.0.1:7) = 3\nrecv(s, 9) = \"a\\0c\"\n"
	          "recv(s, 9, MSG_DONTWAIT) = -EAGAIN\nexpect data() = \"\"\n");
	world_down();
}
END_TEST

START_TEST(files_are_sent) {
	world_up(true);
	struct echo *e = answer_at(1, ECHO_SINK, 7);
	struct echo_result r;

	must_hold("create(\"/f\", 100000) = 0\nf = open(\"/f\")\ns = socket(stream)\n"
	          "connect(s, 10.0.1.2:7) = 0\nsendfile(s, f, 100000) = 100000\n"
	          "lseek(f, 0, SEEK_CUR) = 100000\nopen(\"/g\") = -ENOENT\nclose(s) = 0");
	echo_result(e, &r);
	ck_assert_uint_eq(r.bytes, 100000);
	echo_free(e);
	world_down();
}
END_TEST

START_TEST(commands_run_as_programs) {
	static const char *const commands[] = {"ifconfig eth0 mtu 1400", "ifconfig \"eth7\" up"};
	struct script_result result;
	struct script_run *run[2];

	world_up(true);
	for (unsigned i = 0; i < 2; i++)
		run[i] = script_start_command(W.k, commands[i], "tools", (i + 1) * SIM_MS,
		                              take_event, NULL, NULL);
	sim_run(W.sim, SIM_S);
	for (unsigned i = 0; i < 2; i++) {
		script_result(run[i], &result);
		ck_assert(result.finished);
		ck_assert_uint_eq(result.failed, i);
		script_run_free(run[i]);
	}
	log_has("eth7: unknown interface: No such device");
	world_down();
}
END_TEST

int main(void) {
	Suite *suite = suite_create("script");
	TCase *reading = tcase_create("reading"), *running = tcase_create("running");

	tcase_add_loop_test(reading, texts_are_refused_with_line_and_reason, 0,
	                    G_N_ELEMENTS(wrong));
	tcase_add_test(reading, depth_has_a_limit);
	tcase_add_test(reading, prefixes_of_a_text_do_no_harm);
	tcase_add_loop_test(running, texts_are_exact, 0, G_N_ELEMENTS(exact));
	tcase_add_test(running, texts_are_compared_to_the_end);
	tcase_add_test(running, numbers_are_exact);
	tcase_add_test(running, numbers_are_not_made_to_fit);
	tcase_add_test(running, waiting_without_descriptors);
	tcase_add_test(running, options_and_events_have_their_names);
	tcase_add_test(running, waiting_for_many_descriptors);
	tcase_add_loop_test(running, the_signal_of_a_descriptor, 0, 2);
	tcase_add_loop_test(running, the_low_water_mark_of_sending, 0, 2);
	tcase_add_test(running, what_is_printed_stays_on_its_line);
	tcase_add_test(running, values_and_loops);
	tcase_add_test(running, a_wrong_expectation_fails);
	tcase_add_test(running, a_loop_without_time_ends);
	tcase_add_test(running, children_are_waited_for_and_deaths_told);
	tcase_add_test(running, deaths_and_signals_may_be_expected);
	tcase_add_test(running, calls_work_without_sop);
	tcase_add_test(running, calls_work_with_sop);
	tcase_add_test(running, the_log_names_the_stack);
	tcase_add_test(running, datagrams_show_who_served);
	tcase_add_test(running, what_came_is_sent_back);
	tcase_add_test(running, files_are_sent);
	tcase_add_test(running, commands_run_as_programs);
	tcase_set_timeout(running, 60);
	suite_add_tcase(suite, reading);
	suite_add_tcase(suite, running);

	return run_suite(suite);
}
