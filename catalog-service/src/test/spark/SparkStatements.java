import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/// Carries out the statements that come in, one a line, and answers each with its rows and `done`, or `failed` and why.
/// Run as a source file, since Spark wants libraries and a Java of its own.
final class SparkStatements {
    public static void main(String[] arguments) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err);
        SparkSession spark = SparkSession.builder().getOrCreate();
        answers.println("ready");
        BufferedReader statements = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String statement = statements.readLine(); statement != null; statement = statements.readLine()) {
            try {
                for (Row row : spark.sql(statement).collectAsList()) {
                    answers.println("row " + row.mkString("|"));
                }
                answers.println("done");
            } catch (Exception e) {
                answers.println("failed " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
            }
            answers.flush();
        }
        spark.stop();
    }
}
