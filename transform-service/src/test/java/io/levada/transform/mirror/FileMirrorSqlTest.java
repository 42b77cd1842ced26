package io.levada.transform.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FileMirrorSqlTest {
    private static List<String> mirror(String rows) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE h (id BIGINT, _op VARCHAR, _pos VARCHAR, _file VARCHAR)");
            statement.execute("INSERT INTO h VALUES " + rows);
            try (ResultSet result =
                    statement.executeQuery(new FileMirrorSql("h", List.of("id")).select() + " ORDER BY id")) {
                while (result.next()) {
                    found.add(result.getString(1));
                }
            }
        }
        return found;
    }

    @Test
    void keepsTheRowsOfEachFilesNewestVersion() throws SQLException {
        assertThat(mirror("(1, 'c', '1-1', 'a'), (2, 'c', '2-1', 'b'), (NULL, 'd', '3-0', 'a'), (3, 'c', '3-1', 'a'),"
                        + " (NULL, 'd', '4-0', 'a'), (4, 'c', '4-1', 'a'), (5, 'c', '4-2', 'a')"))
                .containsExactly("2", "4", "5");
    }

    @Test
    void keepsWhatWasReplayedOfTheNewestVersion() throws SQLException {
        assertThat(mirror("(1, 'c', '1-1', 'a'), (NULL, 'd', '2-0', 'a'), (2, 'c', '2-1', 'a'), (3, 'c', '3-2', 'a')"))
                .containsExactly("2", "3");
    }

    @Test
    void isEmptyAfterAnEmptyVersion() throws SQLException {
        assertThat(mirror("(1, 'c', '1-1', 'a'), (NULL, 'd', '2-0', 'a')")).isEmpty();
    }
}
