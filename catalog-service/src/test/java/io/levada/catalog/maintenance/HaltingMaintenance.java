package io.levada.catalog.maintenance;

import io.levada.catalog.MaintenanceStep;
import io.levada.catalog.MaintenanceSteps;
import java.nio.file.Path;

/// Maintains a lake in a process of its own, which ends as by `kill -9` at a step.
final class HaltingMaintenance {
    static final int HALTED = 99;

    private HaltingMaintenance() {}

    /// @param arguments the lake's directory, the table, the step
    public static void main(String[] arguments) {
        MaintenanceStep halt = MaintenanceStep.valueOf(arguments[2]);
        MaintenanceSteps steps = (step, _) -> {
            if (step == halt) {
                Runtime.getRuntime().halt(HALTED);
            }
        };
        try (MaintainedLake lake = new MaintainedLake(Path.of(arguments[0]))) {
            lake.maintain(arguments[1], steps);
        }
    }
}
