/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/wire/capture.h"

#include <check.h>
#include <glib/gstdio.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "run_suite.h"

static struct sim *sim;
static char *dir, *path;

static void set_up(void) {
	sim = sim_new(1);
	dir = g_dir_make_tmp("capture-XXXXXX", NULL);
	path = g_build_filename(dir, "a.pcap", NULL);
}

static void tear_down(void) {
	sim_free(sim);
	frame_pool_drain();
	g_unlink(path);
	g_rmdir(dir);
	g_free(path);
	g_free(dir);
}

static void swallow(void *arg, struct frame *frame) {
	(void)arg;
	frame_free(frame);
}

static const struct port_ops ops = {.receive = swallow};

static struct link *gigabit(void) {
	const struct link_conf conf = {
		.name = "test", .bits_per_s = 1000000000, .propagation = 50 * SIM_US};
	struct link *link = link_new(sim, &conf);

	port_attach(link_port(link, 0), &ops, NULL);
	port_attach(link_port(link, 1), &ops, NULL);
	return link;
}

/* A frame of `len` bytes that are all `fill`. */
static struct frame *filled(uint8_t fill, uint16_t len) {
	struct frame *f = frame_new(64, FRAME_MAX);

	f->len = len;
	memset(frame_data(f), fill, len);
	return f;
}

static void send_two(void *arg) {
	struct link *link = arg;

	port_send(link_port(link, 0), filled(0xaa, 1514));
	port_send(link_port(link, 1), filled(0xbb, 60));
}

static void send_much(void *arg) {
	for (int i = 0; i < 1000; i++)
		port_send(link_port(arg, 0), filled(0xcc, 1514));
}

static void check_record(pcap_t *in, uint8_t fill, unsigned len, long ns) {
	struct pcap_pkthdr *header;
	const u_char *data;

	ck_assert_int_eq(pcap_next_ex(in, &header, &data), 1);
	ck_assert_uint_eq(header->len, len);
	ck_assert_uint_eq(header->caplen, len);
	ck_assert_int_eq(header->ts.tv_sec, 2);
	ck_assert_int_eq(header->ts.tv_usec, ns);
	ck_assert_uint_eq(data[0], fill);
	ck_assert_uint_eq(data[len - 1], fill);
}

START_TEST(both_directions_with_nanoseconds) {
	char why[PCAP_ERRBUF_SIZE];
	GError *error = NULL;
	struct link *link = gigabit();
	struct capture *capture = capture_new(sim, link_port(link, 0), path, &error);

	ck_assert_ptr_nonnull(capture);
	sim_call_at(sim, 2 * SIM_S + 7 * SIM_NS, send_two, link);
	sim_run(sim, SIM_NEVER);
	ck_assert(capture_close(capture, &error));
	link_free(link);
	pcap_t *in = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, why);
	ck_assert_ptr_nonnull(in);
	ck_assert_int_eq(pcap_datalink(in), DLT_EN10MB);
	check_record(in, 0xaa, 1514, 7);
	check_record(in, 0xbb, 60, 7 + 84 * 8 + 50000);
	struct pcap_pkthdr *header;
	const u_char *data;
	ck_assert_int_eq(pcap_next_ex(in, &header, &data), PCAP_ERROR_BREAK);
	pcap_close(in);
}
END_TEST

static struct capture *lines;

static void write_line(void *line) { capture_text(lines, line); }

/* Two tags name the dissector, then comes the line as a syslog message. */
START_TEST(lines_are_messages_with_a_dissector) {
	static const char expected[] = "\0\014\0\010syslog\0\0\0\0\0\0<134>a doorbell";
	char errbuf[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const u_char *data;

	lines = capture_text_new(sim, path, NULL);
	ck_assert_ptr_nonnull(lines);
	sim_call_at(sim, 1234567 * SIM_NS, write_line, "a doorbell");
	sim_run(sim, SIM_NEVER);
	ck_assert(capture_close(lines, NULL));
	pcap_t *in =
		pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, errbuf);
	ck_assert_int_eq(pcap_datalink(in), 252);
	ck_assert_int_eq(pcap_next_ex(in, &header, &data), 1);
	ck_assert_int_eq(header->ts.tv_usec, 1234567);
	ck_assert_uint_eq(header->caplen, sizeof expected - 1);
	ck_assert_mem_eq(data, expected, sizeof expected - 1);
	pcap_close(in);
}
END_TEST

START_TEST(unwritable_path_is_an_error) {
	GError *error = NULL;
	struct link *link = gigabit();
	char *nowhere = g_build_filename(dir, "no", "such", "file", NULL);

	ck_assert_ptr_null(capture_new(sim, link_port(link, 0), nowhere, &error));
	ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
	ck_assert_ptr_nonnull(strstr(error->message, nowhere));
	g_clear_error(&error);
	g_free(nowhere);
	link_free(link);
}
END_TEST

/* 0: fails while it writes; 1: what fits the buffer fails at the end only. */
START_TEST(full_disk_is_an_error) {
	GError *error = NULL;
	struct link *link = gigabit();
	struct capture *capture = capture_new(sim, link_port(link, 0), "/dev/full", &error);

	ck_assert_ptr_nonnull(capture);
	sim_call_at(sim, 0, _i ? send_two : send_much, link);
	sim_run(sim, SIM_NEVER);
	ck_assert(!capture_close(capture, &error));
	ck_assert(error->domain == G_FILE_ERROR);
	ck_assert_ptr_nonnull(strstr(error->message, "/dev/full"));
	ck_assert(g_file_test("/dev/full", G_FILE_TEST_EXISTS));
	g_clear_error(&error);
	link_free(link);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("captures");
	TCase *tc = tcase_create("capture");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, both_directions_with_nanoseconds);
	tcase_add_test(tc, lines_are_messages_with_a_dissector);
	tcase_add_test(tc, unwritable_path_is_an_error);
	tcase_add_loop_test(tc, full_disk_is_an_error, 0, 2);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
