/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How do frames and messages get into a pcap file? */
#include "net/wire/capture.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <pcap/pcap.h>
#include <string.h>

enum { SNAPLEN = 65535 };

/* The link types that are older than libpcap's name for them. */
#ifndef DLT_WIRESHARK_UPPER_PDU
#define DLT_WIRESHARK_UPPER_PDU 252
#endif

struct capture {
	struct sim *sim;
	GPtrArray *ports; /* none: of messages */
	char *path;
	pcap_t *pcap;
	pcap_dumper_t *dump;
};

static void dump(struct capture *capture, const void *bytes, size_t length) {
	sim_time now = sim_now(capture->sim);
	struct pcap_pkthdr header = {
		.ts = {.tv_sec = (time_t)(now / SIM_S),
	               /* the file's precision makes these nanoseconds */
	               .tv_usec = (suseconds_t)(now % SIM_S / SIM_NS)},
		.caplen = (bpf_u_int32)length,
		.len = (bpf_u_int32)length,
	};

	pcap_dump((u_char *)capture->dump, &header, bytes);
}

/* Both directions go into one file, as on a mirrored port. */
static void record(void *arg, const struct frame *frame, bool tx) {
	(void)tx;
	dump(arg, frame->bytes + frame->start, frame->len);
}

static void fail(GError **error, const char *path, int err) {
	g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(err),
	            "%s: cannot write capture: %s", path, g_strerror(err));
}

static struct capture *capture_open(struct sim *sim, int linktype, const char *path,
                                    GError **error) {
	FILE *file = fopen(path, "wb");

	if (!file) {
		fail(error, path, errno);
		return NULL;
	}
	struct capture *capture = g_new0(struct capture, 1);
	capture->sim = sim;
	capture->path = g_strdup(path);
	capture->ports = g_ptr_array_new();
	capture->pcap =
		pcap_open_dead_with_tstamp_precision(linktype, SNAPLEN, PCAP_TSTAMP_PRECISION_NANO);
	capture->dump = capture->pcap ? pcap_dump_fopen(capture->pcap, file) : NULL;
	if (!capture->dump)
		g_error("libpcap: no memory for a capture");
	return capture;
}

struct capture *capture_new(struct sim *sim, struct port *port, const char *path, GError **error) {
	struct capture *capture = capture_open(sim, DLT_EN10MB, path, error);

	if (capture)
		capture_watch(capture, port);
	return capture;
}

void capture_watch(struct capture *capture, struct port *port) {
	g_ptr_array_add(capture->ports, port);
	port_tap(port, record, capture);
}

/* --- messages --------------------------------------------------------------------------------- */

struct capture *capture_text_new(struct sim *sim, const char *path, GError **error) {
	return capture_open(sim, DLT_WIRESHARK_UPPER_PDU, path, error);
}

/* Two tags (type, length, value; a multiple of four bytes) say who reads the rest: the first names
 * the dissector, the second ends the list.  What follows is a syslog message of local0.info. */
void capture_text(struct capture *capture, const char *line) {
	static const char tags[] = "\0\014\0\010syslog\0\0\0\0\0\0";
	g_autofree char *message = g_strconcat("<134>", line, NULL);
	size_t length = strlen(message);
	g_autofree char *bytes = g_malloc(sizeof tags - 1 + length);

	memcpy(bytes, tags, sizeof tags - 1);
	memcpy(bytes + sizeof tags - 1, message, length);
	dump(capture, bytes, sizeof tags - 1 + length);
}

/* --- end -------------------------------------------------------------------------------------- */

/* Libpcap does not report what fwrite() said: stdio remembers it. */
static int finish(struct capture *capture) {
	int err = 0;

	errno = 0;
	if (pcap_dump_flush(capture->dump) != 0 || ferror(pcap_dump_file(capture->dump)))
		err = errno ? errno : ENOSPC;
	pcap_dump_close(capture->dump);
	pcap_close(capture->pcap);
	return err;
}

bool capture_close(struct capture *capture, GError **error) {
	int err = finish(capture);

	for (guint i = 0; i < capture->ports->len; i++)
		port_tap(capture->ports->pdata[i], NULL, NULL);
	g_ptr_array_unref(capture->ports);
	if (err) {
		fail(error, capture->path, err);
		if (g_file_test(capture->path, G_FILE_TEST_IS_REGULAR))
			g_unlink(capture->path);
	}
	g_free(capture->path);
	g_free(capture);
	return err == 0;
}
