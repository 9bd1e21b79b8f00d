/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A TAP device of the machine that the simulator runs on: an Ethernet cable whose one end is a
 * network interface of the real kernel and whose other end is a file descriptor (Linux,
 * Documentation/networking/tuntap.rst).
 */
#ifndef LIVE_TAP_H
#define LIVE_TAP_H

#include "net/engine/frame.h"

struct tap;

/* Attaches to the TAP device `name`; makes it, for as long as it is open, if there is none.
 * Offloads are off, so that frames are whole: at most an MTU long, with all checksums.  NULL and
 * *why (free with g_free()): what is wrong and what is allowed. */
struct tap *tap_open(const char *name, char **why);
/* A device that tap_open() made vanishes.  NULL is fine. */
void tap_close(struct tap *tap);

const char *tap_name(const struct tap *tap);
/* For poll(): readable when a frame waits. */
int tap_fd(const struct tap *tap);

/* Gives the kernel's end an address and mask (host byte order) and brings it up; asks for no right
 * that it does not need, if all of it is so already.  False and *why. */
bool tap_configure(struct tap *tap, uint32_t addr, uint32_t mask, char **why);

/* The interfaces that get them take less, if their MTU is smaller. */
#define TAP_FRAME_MAX (FRAME_ETHER + FRAME_MTU_JUMBO)

/* The next frame that the kernel sent: 0 and *frame; -EAGAIN: there is none; -EMSGSIZE: it was
 * longer than TAP_FRAME_MAX and is lost; -EBADFD: the device was deleted; or another errno of
 * read(). */
int tap_read(struct tap *tap, struct frame **frame);
/* Gives the kernel a frame, which stays the caller's: 0, or the negative errno of write(): -EIO
 * while the interface is down. */
int tap_write(struct tap *tap, struct frame *frame);

#endif
