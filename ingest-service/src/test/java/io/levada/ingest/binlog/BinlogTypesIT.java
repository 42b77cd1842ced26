package io.levada.ingest.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.BinlogSource;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.TypeMatrix;
import io.levada.ingest.capture.TypeMatrix.Sample;
import io.levada.ingest.changes.Change;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Every type of MariaDB, or of MySQL where the tests have one, through the initial load and through the log: both must
/// say the same, and the reference page says what.
@ExtendWith(BinlogServers.Shared.class)
class BinlogTypesIT {
    private static final List<Sample> SAMPLES = Stream.concat(
                    Stream.of(
                            Sample.of("boolean", "true", "false"),
                            Sample.of("tinyint", "-128", "127"),
                            Sample.of("tinyint unsigned", "0", "255"),
                            Sample.of("smallint", "-32768", "32767"),
                            Sample.of("smallint unsigned", "65535"),
                            Sample.of("mediumint", "-8388608", "8388607"),
                            Sample.of("mediumint unsigned", "16777215"),
                            Sample.of("int", "-2147483648", "2147483647"),
                            Sample.of("int unsigned", "0", "4294967295"),
                            Sample.of("int(6) zerofill", "42"),
                            Sample.of("bigint", "-9223372036854775808", "9223372036854775807"),
                            Sample.of("bigint unsigned", "0", "18446744073709551615"),
                            Sample.of("year", "1901", "2155", "0"),
                            Sample.of("bit(1)", "b'1'", "b'0'"),
                            Sample.of("bit(9)", "b'101010101'"),
                            Sample.of("bit(63)", "9223372036854775807"),
                            Sample.of("bit(64)", "18446744073709551615", "0"),
                            Sample.of("decimal(10,2)", "-12345678.90", "0", "0.01"),
                            Sample.of("decimal(38,10)", "1234567890123456789012345678.0123456789"),
                            Sample.of(
                                    "decimal(65,30)",
                                    "12345678901234567890123456789012345.123456789012345678901234567890",
                                    "-0.5",
                                    "0"),
                            Sample.of(
                                    "decimal(65,0)",
                                    "99999999999999999999999999999999999999999999999999999999999999999"),
                            Sample.of("decimal(10,2) unsigned zerofill", "1.5"),
                            Sample.of("decimal(45,2) zerofill", "1.5"),
                            Sample.of("float", "1.17549e-38", "-3.4028235e38", "0.1"),
                            Sample.of("float(7,3)", "1234.567"),
                            Sample.of("double", "2.2250738585072014e-308", "0.1", "1e23"),
                            Sample.of("double(10,2) unsigned", "12345678.91"),
                            Sample.of("char(10)", "'ação  '", "''"),
                            Sample.of("varchar(50)", "'日本語 😀 \"quoted\" back\\\\slash'", "''", "'trailing  '"),
                            Sample.of("tinytext", "'tab\\there\\nnewline'"),
                            Sample.of("text", "'text'"),
                            Sample.of("mediumtext", "'text'"),
                            Sample.of("longtext", "'text'"),
                            Sample.of("binary(6)", "x'010203'", "''"),
                            Sample.of("varbinary(10)", "x'00ff00'"),
                            Sample.of("tinyblob", "x'00ff'"),
                            Sample.of("blob", "x'0001ff'", "''"),
                            Sample.of("mediumblob", "x'00ff'"),
                            Sample.of("longblob", "x'00ff'"),
                            Sample.of("date", "'2024-02-29'", "'0001-01-01'", "'9999-12-31'"),
                            Sample.of("time", "'-838:59:59'", "'838:59:59'", "'12:34:56'", "'00:00:00'"),
                            Sample.of("time(6)", "'12:34:56.123456'", "'-00:00:00.000001'"),
                            Sample.of("datetime", "'2024-12-31 23:59:59'", "'1000-01-01'"),
                            Sample.of("datetime(3)", "'2024-01-01 01:02:03.004'"),
                            Sample.of("datetime(6)", "'9999-12-31 23:59:59.999999'", "'0001-01-01 00:00:00.000001'"),
                            Sample.of("timestamp NULL", "'1970-01-01 00:00:01'", "'2024-06-01 12:00:00'"),
                            Sample.of("timestamp(3) NULL", "'2024-06-01 12:00:00.123'"),
                            Sample.of("timestamp(6) NULL", "'2038-01-19 03:14:07.999999'"),
                            Sample.of("enum('x','it''s','ü')", "'x'", "'it''s'", "'ü'", "'none of them'"),
                            Sample.of("enum('ä','ö') CHARACTER SET latin1", "'ö'"),
                            Sample.of("set('p','q','r')", "'r,p'", "''"),
                            Sample.of("json", "'{\"b\": 1,  \"a\": [null, 1.50]}'", "'null'"),
                            Sample.of("uuid", "'123e4567-e89b-12d3-a456-426655440000'"),
                            Sample.of("inet4", "'192.0.2.1'", "'0.0.0.0'"),
                            Sample.of("inet6", "'2001:db8::ff00:42:8329'", "'::ffff:192.0.2.1'", "'::'"),
                            Sample.of("geometry", "ST_GeomFromText('POINT(1 2)')"),
                            Sample.of("point", "ST_GeomFromText('POINT(1 2)', 4326)"),
                            Sample.of("linestring", "ST_GeomFromText('LINESTRING(0 0, 1 1)')"),
                            Sample.of("polygon", "ST_GeomFromText('POLYGON((0 0, 1 0, 1 1, 0 0))')"),
                            Sample.of("geometrycollection", "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2))')"),
                            Sample.of("int AS (6 * 7) STORED", "DEFAULT"),
                            Sample.of("int AS (6 * 7) VIRTUAL", "DEFAULT")),
                    Stream.of(
                                    "ascii 'a'",
                                    "utf8mb3 'ü日'",
                                    "ucs2 'ü日'",
                                    "utf16 'ü日😀'",
                                    "utf16le 'ü日😀'",
                                    "utf32 'ü日😀'",
                                    "latin1 'é€'",
                                    "latin2 'ž'",
                                    "latin5 'ş'",
                                    "latin7 'š'",
                                    "greek 'Ω'",
                                    "hebrew 'ש'",
                                    "cp850 'é'",
                                    "cp852 'ž'",
                                    "cp866 'ж'",
                                    "cp1250 'ž'",
                                    "cp1251 'ж'",
                                    "cp1256 'ش'",
                                    "cp1257 'š'",
                                    "koi8r 'ж'",
                                    "koi8u 'ї'",
                                    "cp932 '日本'",
                                    "sjis '日本'",
                                    "ujis '日本'",
                                    "euckr '한국'",
                                    "gb2312 '中文'",
                                    "gbk '中文'",
                                    "big5 '中文'",
                                    "tis620 'ไทย'")
                            .map(charset -> charset.split(" "))
                            .map(charset -> Sample.of("varchar(9) CHARACTER SET " + charset[0], charset[1])))
            .toList();

    private static final Set<String> OF_MARIADB_ALONE = Set.of("uuid", "inet4", "inet6");

    /// MySQL keeps JSON in a form of its own, and writes it as text anew.
    private static final List<Sample> OF_MYSQL_ALONE = List.of(Sample.of(
            "json",
            "'[1.0, 1e23, 123456789012345, 1e15, 1.5e-13, 0.00001, 1e-14, 1e-15, -2.5e-20, 0.1, -0.0, 1e300]'",
            "'[0, -1, 65535, -32768, 4294967295, 9223372036854775807, 18446744073709551615]'",
            "JSON_OBJECT('d', CAST('2024-02-29' AS DATE), 'dt', CAST('2024-02-29 01:02:03.5' AS DATETIME(6)),"
                    + " 't', CAST('-12:34:56.000001' AS TIME(6)))",
            "JSON_ARRAY(CAST('-00:00:01' AS TIME), CAST('838:59:59' AS TIME), CAST(1.50 AS DECIMAL(10,2)),"
                    + " CAST('-0.05' AS DECIMAL(65,30)), true, NULL, x'00ff', repeat('a', 70000))",
            "JSON_OBJECT('', 'ação \u0001\u001f/ \\\"', 'ü', JSON_OBJECT('b', JSON_ARRAY(), 'aa', '日本'))",
            "JSON_ARRAY(CAST(repeat('x', 100) AS BINARY), CAST(2024 AS YEAR))"));

    /// One row each.
    private static final List<Sample> WITHOUT_COUNTERPART = List.of(
            Sample.of("date", "'0000-00-00'", "'2026-00-15'", "'2026-11-00'", "'2026-02-31'"),
            Sample.of("datetime", "'0000-00-00 00:00:00'", "'2026-11-00 10:00:00'"),
            Sample.of("timestamp NULL", "0"));

    private final BinlogServers servers;
    private final boolean mysql;
    private final TypeMatrix types;

    BinlogTypesIT(BinlogServers servers) {
        this.servers = servers;
        this.mysql = servers.product == BinlogSource.Product.MYSQL;
        this.types = new TypeMatrix(
                mysql
                        ? Stream.concat(
                                        SAMPLES.stream().filter(sample -> !OF_MARIADB_ALONE.contains(sample.type())),
                                        OF_MYSQL_ALONE.stream())
                                .toList()
                        : SAMPLES);
    }

    @Test
    void loadAndLogSayTheSameOfEveryType() throws Exception {
        BinlogSource source = servers.source(
                List.of("t", "refused"),
                "CREATE TABLE t (id int PRIMARY KEY, " + types.columns() + ") CHARACTER SET utf8mb4",
                "CREATE TABLE refused (id int PRIMARY KEY, "
                        + IntStream.range(0, WITHOUT_COUNTERPART.size())
                                .mapToObj(i -> "c" + i + " "
                                        + WITHOUT_COUNTERPART.get(i).type())
                                .collect(Collectors.joining(", "))
                        + ")");
        List<String> refused = refused(0);
        servers.inLooseSession(source, insert(0));
        servers.inLooseSession(source, refused.toArray(String[]::new));
        SourceCapture capture = servers.capture(source);
        BinlogServers.awaitLoads(capture);
        assertThat(servers.loads.rows("raw." + source.name() + "_refused")).isEmpty();
        assertThat(capture.status().quarantinedRows()).isEqualTo(refused.size());

        servers.inLooseSession(source, insert(types.rows()));
        servers.inLooseSession(source, refused(refused.size()).toArray(String[]::new));
        List<Change> changes = servers.kafka.awaitChanges(source, "t", types.rows());
        List<Change> refusals = servers.kafka.awaitChanges(source, "refused", refused.size());

        assertThat(changes).extracting(Change::refused).containsOnlyNulls();
        List<List<String>> columns =
                types.sameInLoadAndLog(servers.kafka, source.name(), changes, servers.lake.resolve(source.name()));
        TypeMatrix.assertPage(
                mysql ? "mysql-types.md" : "mariadb-types.md",
                (mysql ? "# MySQL's types" : "# MariaDB's types") + """


                Generated by `BinlogTypesIT`, which writes every value below through the initial load and through the binary log and fails where the two differ; do not edit it by hand. The last column is what a query answers, cast to text. Verified with \
                """ + (mysql ? "MySQL 9.7." : "MariaDB 11.4.") + """


                """
                        + types.page(mysql ? "MySQL" : "MariaDB", changes, columns) + """

                ## Values without a counterpart

                Their row goes to [quarantine](../concepts/quarantine.md) with `CAPTURE-VALUE-UNMAPPED`, in the load as in the log.

                | type | value | reason |
                |---|---|---|
                """ + reasons(refusals));
    }

    private String insert(int after) {
        return types.insert(after, (_, value) -> value);
    }

    /// A statement for each value.
    private static List<String> refused(int after) {
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < WITHOUT_COUNTERPART.size(); i++) {
            for (String value : WITHOUT_COUNTERPART.get(i).values()) {
                statements.add("INSERT INTO refused (id, c%d) VALUES (%d, %s)"
                        .formatted(i, after + statements.size() + 1, value));
            }
        }
        return statements;
    }

    private static String reasons(List<Change> refusals) {
        Iterator<Change> refused = refusals.iterator();
        StringBuilder page = new StringBuilder();
        for (Sample sample : WITHOUT_COUNTERPART) {
            for (String value : sample.values()) {
                String reason = Objects.requireNonNull(refused.next().refused())
                        .reason()
                        .replaceFirst("^column c\\d+: ", "");
                page.append(
                        "| %s | %s | %s |\n".formatted(TypeMatrix.code(sample.type()), TypeMatrix.code(value), reason));
            }
        }
        return page.toString();
    }
}
