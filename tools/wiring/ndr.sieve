require ["vnd.dovecot.filter", "fileinto", "envelope", "imap4flags", "mailbox"];
if envelope :is "from" "" {
    filter "ndrscan-filter";
    if header :is "X-NDR-Flag" "YES" {
        addflag "$Junk";
        fileinto :create "Junk";
        stop;
    }
}
