# How fast Sisimai reads mails: `read_sisimai.pl SECONDS < names of files`; prints mails and seconds.
use strict;
use warnings;
use Sisimai;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

my @mails;
while (my $name = <STDIN>) {
    chomp $name;
    open my $file, '<:raw', $name or die "$name: $!";
    local $/;
    push @mails, <$file>;
}

# What it warns of is not wanted here.
local $SIG{__WARN__} = sub { };
my $least = $ARGV[0];
my $done  = 0;
my $began = clock_gettime(CLOCK_MONOTONIC);
while ($done == 0 or clock_gettime(CLOCK_MONOTONIC) - $began < $least) {
    for my $mail (@mails) {
        # It changes what it is given.
        my $copy = $mail;
        eval { Sisimai->make(\$copy, 'delivered' => 1) };
    }
    $done += @mails;
}
print $done, ' ', clock_gettime(CLOCK_MONOTONIC) - $began, "\n";
