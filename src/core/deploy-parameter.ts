import { isMarked, mark } from './private/brand';
import { judgeValue } from './private/faults';
import { integer, judgeProps, literal, required, struct, text } from './private/schema';

/**
 * A value given at deployment, without touching code: a model version, an image tag, a number of instances.
 *
 * It becomes a parameter of each stack that uses it (AWS: `CfnParameter`, given by `cdk deploy --parameters NAME=VALUE`;
 * Terraform: a variable, given by `-var NAME=VALUE`). Constructs that take one say so by their type.
 */
export class DeployParameter {
  /**
   * A text.
   *
   * @param name letters and digits, at most 64, first a letter; the same name means the same parameter of a stack
   * @param defaultValue what holds until a deployment gives another value
   */
  public static of(name: string, defaultValue: string): DeployParameter {
    return DeployParameter.judged(name, defaultValue);
  }

  /**
   * A whole number.
   *
   * @param name letters and digits, at most 64, first a letter; the same name means the same parameter of a stack
   * @param defaultValue what holds until a deployment gives another value
   */
  public static ofNumber(name: string, defaultValue: number): DeployParameter {
    return DeployParameter.judged(name, defaultValue);
  }

  /**
   * Whether a value is a deploy parameter.
   *
   * @param value anything
   */
  public static isDeployParameter(value: any): boolean {
    return isMarked(value, 'DeployParameter');
  }

  private static judged(name: string, defaultValue: string | number): DeployParameter {
    judgeValue('DeployParameter', (faults) =>
      judgeProps(
        faults,
        struct<{ name: string; defaultValue: unknown }>({
          name: required(
            text({
              pattern: /^[A-Za-z][A-Za-z0-9]{0,63}$/,
              means: 'letters and digits, at most 64, first a letter',
            }),
          ),
          defaultValue: required(literal(typeof defaultValue === 'number' ? integer() : text())),
        }),
        { name, defaultValue },
      ),
    );
    return new DeployParameter(name, String(defaultValue), typeof defaultValue === 'number');
  }

  private constructor(
    /** The parameter's name. */
    public readonly name: string,
    /** What holds until a deployment gives another value. */
    public readonly defaultValue: string,
    /** Whether it is a number. */
    public readonly isNumber: boolean,
  ) {
    mark(this, 'DeployParameter');
  }
}
