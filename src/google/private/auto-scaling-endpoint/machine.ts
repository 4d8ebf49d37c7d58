import { CapacityKind } from '../../../core';
import { MachineChoice, Purchase } from '../../../core/private/machines';

/** What Vertex AI prediction may buy so. */
export const purchaseOf = (capacity: CapacityKind): Purchase => ({
  capacity,
  sold: ({ onDemand, spot }) =>
    (capacity !== CapacityKind.ON_DEMAND || onDemand !== false) &&
    (capacity !== CapacityKind.SPOT || spot !== false),
});

/** A machine as Vertex AI's API takes it. */
export const machineSpec = ({ type, machine }: MachineChoice, reservationId?: string) => ({
  machineType: type,
  ...(machine && {
    acceleratorType: machine.google!.vertexAcceleratorType,
    acceleratorCount: machine.count,
  }),
  ...(reservationId && {
    reservationAffinity: {
      reservationAffinityType: 'SPECIFIC_RESERVATION',
      key: 'compute.googleapis.com/reservation-name',
      values: [reservationId],
    },
  }),
});
