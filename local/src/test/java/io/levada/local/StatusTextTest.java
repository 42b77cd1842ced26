package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class StatusTextTest {
    private static final Instant NOW = Instant.parse("2026-11-21T06:30:00Z");
    private static final OpenEntries NOTHING_OPEN = new OpenEntries.Counted(List.of());
    private static final OpenEntries OPEN = new OpenEntries.Counted(List.of(
            new OpenEntries.OfTable("bank", "raw.bank_customer", 1, 0),
            new OpenEntries.OfTable("sales", "raw.sales_orders", 3, 2)));

    @Test
    void laysOutAPipelineThatIsUpToDate() throws IOException {
        assertThat(text(recorded("status-up-to-date.json"), OPEN)).isEqualTo("""
                Sources
                NAME   TYPE      STATE      LAG      LOG KEPT  COMMITTED  CHANGES  QUARANTINED
                bank   postgres  STREAMING  1.2 KiB  2.0 MiB   4s ago       1,200  1 row
                sales  files     WATCHING   1 file   -         -          2 files  3 rows, 2 files

                Tables
                NAME                 STATE       ROWS   SIZE      COMMITTED  COMPLETE TO
                curated.balances     UP_TO_DATE    500  9.8 KiB   3s ago     bank 0/1A2B3C8 (4s ago), sales 2
                raw.bank_customer    LOADED      1,700  60.5 KiB  8s ago     bank 0/1A2B3C8 (4s ago)
                raw.quarantine       -               3  2.0 KiB   40m ago    -
                raw.sales_orders     -             200  8.0 KiB   40m ago    sales 2
                stage.bank_customer  UP_TO_DATE    500  14.5 KiB  7s ago     bank 0/1A2B3C8 (4s ago)

                Loads
                TARGET       FROM              STATE       ROWS  LOADED
                dw.balances  curated.balances  UP_TO_DATE   500  2s ago

                Quarantine
                TABLE              SOURCE  OPEN
                raw.bank_customer  bank    1 row
                raw.sales_orders   sales   3 rows, 2 files
                    Next step: ./levada quarantine list shows them and why

                """);
    }

    @Test
    void namesWhatStandsStillWithCodeAndNextStep() throws IOException {
        assertThat(text(recorded("status-troubled.json"))).isEqualTo("""
                Sources
                NAME   TYPE      STATE     LAG      LOG KEPT  COMMITTED  CHANGES  QUARANTINED
                bank   postgres  STOPPED   -        -         -                0  0 rows
                sales  files     RETRYING  2 files  -         -          0 files  0 rows, 0 files

                Tables
                NAME                 STATE    ROWS  SIZE  COMMITTED  COMPLETE TO
                curated.balances     FAILED   -     -     -          -
                raw.bank_customer    FAILED   -     -     -          -
                raw.sales_orders     PARKED      0  0 B   -          -
                stage.bank_customer  WAITING  -     -     -          -

                Loads
                TARGET       FROM              STATE   ROWS  LOADED
                dw.balances  curated.balances  FAILED  -     2d ago

                Waiting
                stage.bank_customer: raw.bank_customer does not exist yet

                Problems
                transform-service does not answer: No connection
                source bank: CAPTURE-WAL-LEVEL: wal_level is 'replica'
                    Next step: ALTER SYSTEM SET wal_level = logical
                table raw.bank_customer: CAPTURE-UNKNOWN-TABLE: There is no table public.customer
                    Next step: Create it
                source sales: FILES-RETRYING: Kafka does not answer
                table raw.sales_orders is parked: GAP: File 3 follows on nothing
                    Next step: Find what lies between
                table curated.balances: TRANSFORM-FAILED: division by zero
                    Next step: Correct the SQL
                load of dw.balances: WAREHOUSE-KEY-NULL: 2 rows with NULL in the key
                    Next step: Correct the key

                """);
    }

    @Test
    void saysOfAServiceThatIsAwayOnlyThat() {
        assertThat(text(JsonMapper.shared().readTree("""
                {"ingest": {"reachable": false, "status": null, "error": "HTTP 503"}}"""))).isEqualTo("""
                Problems
                ingest-service does not answer: HTTP 503

                """);
    }

    @Test
    void saysWhatWasPutAsideSinceTheStartWhereTheOpenEntriesCanNotBeCounted() throws IOException {
        assertThat(text(recorded("status-up-to-date.json"), new OpenEntries.Unknown("the query was refused")))
                .contains("1 row since the start\n")
                .contains("3 rows, 0 files since the start\n")
                .contains("""
                        Quarantine
                        3 rows in raw.quarantine; how many are open can not be told: the query was refused
                            Next step: ./levada quarantine list shows them and why
                        """);
    }

    @Test
    void saysThatNothingInQuarantineIsOpen() throws IOException {
        assertThat(text(recorded("status-up-to-date.json"), NOTHING_OPEN)).contains("""
                        Quarantine
                        Nothing is open; ./levada quarantine list --all shows what is done with
                        """);
    }

    private static String text(JsonNode status) {
        return text(status, NOTHING_OPEN);
    }

    private static String text(JsonNode status, OpenEntries open) {
        return new StatusText(status, open, NOW).toString().replace(System.lineSeparator(), "\n");
    }

    private static JsonNode recorded(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(StatusTextTest.class.getResourceAsStream(name), name)) {
            return JsonMapper.shared().readTree(in);
        }
    }
}
