/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Captures: what a port sends and receives, as a pcap file with nanosecond time stamps; or messages. */
#ifndef NET_CAPTURE_H
#define NET_CAPTURE_H

#include <glib.h>

#include "net/wire/link.h"

struct capture;

/* Writes all frames of `port`, both ways, to `path` (through libpcap) from now on, taking the
 * port's tap.  What the port sends is stamped when the port takes it, as on the sending machine.
 * NULL and *error (G_FILE_ERROR) when the file cannot be written. */
struct capture *capture_new(struct sim *sim, struct port *port, const char *path, GError **error);
/* Another port's frames into the same file, in the order of their dates: of machines that are one to
 * the user.  What passes between two of them is in it twice. */
void capture_watch(struct capture *capture, struct port *port);
/* A capture of messages instead of frames, for what is no network: lines of text that Wireshark and
 * tshark show without a plug-in (link type WIRESHARK_UPPER_PDU, handed to the syslog dissector). */
struct capture *capture_text_new(struct sim *sim, const char *path, GError **error);
/* A line, now. */
void capture_text(struct capture *capture, const char *line);

/* Flushes, closes and frees; call it before the link is freed.  False and *error (G_FILE_ERROR) if
 * not all could be written (disk full); the file is then removed. */
bool capture_close(struct capture *capture, GError **error);

#endif
