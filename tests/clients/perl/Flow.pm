# What the scripts of the Perl clients share: what the runner tells them, and how a check is reported.
package Flow;

use strict;
use warnings;
use Exporter 'import';
use JSON ();

our @EXPORT = qw(wiki says bounce refused expect expect_token expect_site STRANGERS_TOKEN end);

use constant STRANGERS_TOKEN => '+\\';

$| = 1;

# What the runner says of the wiki: API, SITENAME, USER, PASSWORD, APP, APP_PASSWORD.
sub wiki { return $ENV{"WIKI_$_[0]"} // die "the runner says nothing of WIKI_$_[0]" }

# The text of an error.
sub says { return $ENV{"SAYS_$_[0]"} // die "the runner says nothing of SAYS_$_[0]" }

sub slurp {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!";
    local $/;
    return scalar <$file>;
}

sub bounce  { return slurp($ENV{MAIL_BOUNCE}) }
sub refused { return slurp($ENV{MAIL_REFUSED}) }

# Reports a check: what was seen should equal what is wanted.
sub expect {
    my ($sentence, $seen, $wanted) = @_;
    my $json = JSON->new->canonical->allow_nonref;
    my ($left, $right) = map { $json->encode($_) } $seen, $wanted;
    print $left eq $right ? "ok $sentence\n" : "not ok $sentence: $left instead of $right\n";
    return;
}

# Reports whether this is the token of somebody who has a session.
sub expect_token {
    my ($sentence, $token) = @_;
    my $good = $token =~ /\A[0-9a-f]{40}\+\\\z/;
    expect($sentence, $token, $good ? $token : '40 hexadecimal digits and +\\');
    return;
}

# Reports whether the site information is the wiki's.
sub expect_site {
    my ($general) = @_;
    my $generator = wiki('GENERATOR');
    expect('siteinfo names the wiki', $general->{sitename}, wiki('SITENAME'));
    expect('siteinfo names the version', substr($general->{generator}, 0, length $generator), $generator);
    return;
}

# Says that the script came to its end, and how many jobs it has queued.
sub end {
    my ($jobs) = @_;
    print "end $jobs\n";
    return;
}

1;
