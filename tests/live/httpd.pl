# SPDX-License-Identifier: GPL-3.0-or-later
#
# The smallest real web server: one file to whoever asks.  Usage: httpd.pl PORT FILE
use strict;
use warnings;
use IO::Socket::INET;

my ($port, $path) = @ARGV;
open my $file, '<:raw', $path or die "$path: $!";
my $body = do { local $/; <$file> };
my $listener = IO::Socket::INET->new(LocalPort => $port, Listen => 64, ReuseAddr => 1)
	or die "port $port: $!";
while (my $client = $listener->accept) {
	while (defined(my $line = <$client>)) {
		last if $line =~ /^\r?\n$/;
	}
	print $client "HTTP/1.0 200 OK\r\nContent-Length: " . length($body) . "\r\n\r\n";
	print $client $body;
	close $client;
}
