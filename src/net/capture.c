/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/capture.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <pcap/pcap.h>

enum { SNAPLEN = 65535 };

struct capture {
	struct sim *sim;
	struct port *port;
	char *path;
	pcap_t *pcap;
	pcap_dumper_t *dump;
};

/* Both directions go into one file, as on a mirrored port. */
static void record(void *arg, const struct frame *frame, bool tx) {
	struct capture *capture = arg;
	sim_time now = sim_now(capture->sim);
	struct pcap_pkthdr header = {
	        .ts = {.tv_sec = (time_t)(now / SIM_S),
	               /* the file's precision makes these nanoseconds */
	               .tv_usec = (suseconds_t)(now % SIM_S / SIM_NS)},
	        .caplen = frame->len,
	        .len = frame->len,
	};

	(void)tx;
	pcap_dump((u_char *)capture->dump, &header, frame->bytes + frame->start);
}

static void fail(GError **error, const char *path, int err) {
	g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(err),
	            "%s: cannot write capture: %s", path, g_strerror(err));
}

struct capture *capture_new(struct sim *sim, struct port *port, const char *path, GError **error) {
	FILE *file = fopen(path, "wb");

	if (!file) {
		fail(error, path, errno);
		return NULL;
	}
	struct capture *capture = g_new0(struct capture, 1);
	capture->sim = sim;
	capture->port = port;
	capture->path = g_strdup(path);
	capture->pcap = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, SNAPLEN,
	                                                     PCAP_TSTAMP_PRECISION_NANO);
	capture->dump = capture->pcap ? pcap_dump_fopen(capture->pcap, file) : NULL;
	if (!capture->dump)
		g_error("libpcap: no memory for a capture");
	port_tap(port, record, capture);
	return capture;
}

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

	port_tap(capture->port, NULL, NULL);
	if (err) {
		fail(error, capture->path, err);
		if (g_file_test(capture->path, G_FILE_TEST_IS_REGULAR))
			g_unlink(capture->path);
	}
	g_free(capture->path);
	g_free(capture);
	return err == 0;
}
