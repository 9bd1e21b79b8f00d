/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How is a picture written as SVG? */
#include "lab/figures/svg.h"

#include <string.h>

/* The colours are those of sweeps' figures; what stands on them is dark or white, whichever reads better. */
static const char svg_rules[] =
	"." SVG_CLASS "{background:#fff}"
	"." SVG_CLASS
	" text{font-family:'DejaVu Sans',Verdana,sans-serif;font-size:13px;fill:#1a1d21}"
	"." SVG_CLASS " text.small{font-size:11px;fill:#4d545c}"
	"." SVG_CLASS " text.strong{font-weight:bold}"
	"." SVG_CLASS " text.on{font-size:11px;fill:#fff}"
	"." SVG_CLASS " .axis{stroke:#6b737c;stroke-width:1}"
	"." SVG_CLASS " .grid{stroke:#dfe3e8;stroke-width:1}"
	"." SVG_CLASS " .error{stroke:#1a1d21;stroke-width:1.3}"
	"." SVG_CLASS " .s0{fill:#0072b2}." SVG_CLASS " .s1{fill:#b35000}." SVG_CLASS
	" .s2{fill:#00705a}"
	"." SVG_CLASS " .s3{fill:#8c4a73}." SVG_CLASS " .s4{fill:#6b5b00}." SVG_CLASS
	" .s5{fill:#2f6d95}"
	"." SVG_CLASS " .s6{fill:#7a3b2e}." SVG_CLASS " .s7{fill:#5c636b}";

struct svg {
	GString *out;
};

/* --- text ------------------------------------------------------------------------------------- */

static const char *entity_of(gunichar c) {
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default:
		return NULL;
	}
}

/* XML 1.0 has no way to say control characters. */
static gboolean is_of_xml(gunichar c) {
	return c == '\t' || c == '\n' ||
	       (c >= 0x20 && c != 0x7f && (c < 0x80 || c >= 0xa0) && c != 0xfffe && c != 0xffff);
}

static void svg_escape(GString *out, const char *text) {
	g_autofree char *valid = g_utf8_make_valid(text, -1);

	for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		const char *entity = entity_of(c);

		if (entity)
			g_string_append(out, entity);
		else
			g_string_append_unichar(out, is_of_xml(c) ? c : 0xfffd);
	}
}

/* --- shapes ----------------------------------------------------------------------------------- */

/* The same on any machine, with a hundredth of a pixel. */
static void put_number(GString *out, const char *name, double value) {
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append_printf(out, " %s=\"%s\"", name,
	                       g_ascii_formatd(text, sizeof text, "%.2f", value));
}

struct svg *svg_new(double width, double height, const char *title, const char *text) {
	struct svg *svg = g_new0(struct svg, 1);
	GString *out = svg->out =
		g_string_new("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\""
	                     " class=\"" SVG_CLASS "\"");

	put_number(out, "width", width);
	put_number(out, "height", height);
	g_string_append_printf(out, " viewBox=\"0 0 %.0f %.0f\">\n<title>", width, height);
	svg_escape(out, title);
	g_string_append(out, "</title>\n<desc>");
	svg_escape(out, text);
	g_string_append(out, "</desc>\n");
	g_string_append_printf(out,
	                       "<style>%s</style>\n<rect width=\"100%%\" height=\"100%%\" "
	                       "fill=\"#fff\"/>\n",
	                       svg_rules);
	return svg;
}

void svg_rect(struct svg *svg, double x, double y, double width, double height, const char *look,
              const char *tip) {
	g_string_append_printf(svg->out, "<rect class=\"%s\"", look);
	put_number(svg->out, "x", x);
	put_number(svg->out, "y", y);
	put_number(svg->out, "width", width);
	put_number(svg->out, "height", height);
	if (!tip) {
		g_string_append(svg->out, "/>\n");
		return;
	}
	g_string_append(svg->out, "><title>");
	svg_escape(svg->out, tip);
	g_string_append(svg->out, "</title></rect>\n");
}

void svg_line(struct svg *svg, double x1, double y1, double x2, double y2, const char *look) {
	g_string_append_printf(svg->out, "<line class=\"%s\"", look);
	put_number(svg->out, "x1", x1);
	put_number(svg->out, "y1", y1);
	put_number(svg->out, "x2", x2);
	put_number(svg->out, "y2", y2);
	g_string_append(svg->out, "/>\n");
}

void svg_text(struct svg *svg, double x, double y, char anchor, const char *look,
              const char *text) {
	g_string_append(svg->out, "<text");
	if (*look)
		g_string_append_printf(svg->out, " class=\"%s\"", look);
	put_number(svg->out, "x", x);
	put_number(svg->out, "y", y);
	if (anchor != 's')
		g_string_append_printf(svg->out, " text-anchor=\"%s\"",
		                       anchor == 'm' ? "middle" : "end");
	g_string_append_c(svg->out, '>');
	svg_escape(svg->out, text);
	g_string_append(svg->out, "</text>\n");
}

GString *svg_end(struct svg *svg) {
	GString *out = svg->out;

	g_string_append(out, "</svg>\n");
	g_free(svg);
	return out;
}
