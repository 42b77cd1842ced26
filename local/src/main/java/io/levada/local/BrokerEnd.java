package io.levada.local;

import java.io.PrintStream;
import org.apache.kafka.common.utils.Exit;

/// The last words of a process that the broker ends. Kafka ends the process where it stands once it can not write.
final class BrokerEnd {
    private BrokerEnd() {}

    /// From now on, the broker does not end this process without a word.
    static void tell(DataDirectory data, PrintStream err) {
        Exit.setHaltProcedure((status, message) -> {
            err.println(lastWords(data, DataDirectory.RESERVE_BYTES));
            err.flush();
            Runtime.getRuntime().halt(status);
        });
    }

    /// @param reserve free bytes below which it was for want of space
    static String lastWords(DataDirectory data, long reserve) {
        LocalException reason;
        try {
            data.requireSpace(reserve);
            reason = new LocalException(
                    LocalError.BROKER_ENDED,
                    "The broker can not go on and has ended this process",
                    "Look into " + data.logs() + " for its reason, and start again with the same data directory;"
                            + " nothing is lost");
        } catch (LocalException e) {
            reason = e;
        }
        return reason.error().code() + " " + reason.getMessage() + System.lineSeparator() + "Next: "
                + reason.nextStep();
    }
}
